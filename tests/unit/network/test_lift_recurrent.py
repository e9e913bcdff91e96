"""Recurrent layers and cells lift to leaves that equal them."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tests.helpers.lifted import leaves, same

RECURRENT: dict[str, Callable[[], nn.RNNBase]] = {
    "lstm deep": lambda: nn.LSTM(4, 5, 2, dropout=0.3, bidirectional=True),
    "lstm projected": lambda: nn.LSTM(4, 5, proj_size=3, bias=False, batch_first=True),
    "gru": lambda: nn.GRU(4, 5, bias=False),
    "rnn tanh": lambda: nn.RNN(4, 5, bidirectional=True, batch_first=True),
    "rnn relu": lambda: nn.RNN(4, 5, 2, nonlinearity="relu"),
}


class WithLayer(nn.Module):
    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> object:
        return self.layer(x)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers(name: str) -> None:
    layer = RECURRENT[name]()
    lifted = same(WithLayer(layer), torch.randn(3, 6, 4))
    assert leaves(lifted) == {"layer": type(layer)}
    assert lifted.layer.extra_repr() == layer.extra_repr()


class WithState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tensor:
        out, (h, _) = self.layer(x, (h, c))
        return out + h[-1][:, None]


def test_initial_states_are_inputs_and_keep_the_batch_symbolic() -> None:
    inputs = (torch.randn(3, 6, 4), torch.randn(1, 3, 5), torch.randn(1, 3, 5))
    lifted = same(WithState(), *inputs)
    other = (torch.randn(2, 6, 4), torch.randn(1, 2, 5), torch.randn(1, 2, 5))
    assert lifted(*other).shape == (2, 6, 5)


class Cells(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTMCell(4, 5)
        self.gru = nn.GRUCell(5, 6)
        self.rnn = nn.RNNCell(6, 3, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        state = None
        for step in range(3):
            state = self.lstm(x[:, step], state)
        return self.rnn(self.gru(state[0]))


def test_recurrent_cells_that_are_called_at_every_step() -> None:
    lifted = same(Cells(), torch.randn(2, 3, 4))
    assert leaves(lifted) == {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}
