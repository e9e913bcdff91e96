"""Tails of networks for ONNX Runtime, which runs convolutions faster than PyTorch does.

A tail is a handful of operators with a changed layer's weights as constants, so that the runtime
lays them out and fuses them as it does with those of a file. It is made in memory, in a few
milliseconds; exporting would take seconds. An operator that is not known is no mistake: the
tail is then run by PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import onnxruntime as ort
import torch
from onnx import TensorProto, helper
from torch import Tensor, fx, nn

from engine.measure.runtime import RUN_ERRORS
from engine.search.onnx_graph import Graph, Unknown, shape_of, type_of
from engine.search.onnx_operators import add_node

_OPSET = 20
_IR = 10


class OnnxTail:
    """A tail that is ready to run.

    Args:
        nodes: In order; the first output of the last of them is the answer.
        needs: Nodes whose values come from outside.
        leaf: Gives the leaf for a layer's name, changed or not.
        threads: For the runtime.

    Raises:
        Unknown: It has to be run otherwise.
    """

    def __init__(
        self,
        nodes: Sequence[fx.Node],
        needs: Sequence[fx.Node],
        leaf: Callable[[str], nn.Module],
        threads: int,
    ) -> None:
        graph = Graph()
        inputs = [helper.make_tensor_value_info(n.name, type_of(n), shape_of(n)) for n in needs]
        for node in nodes:
            add_node(graph, node, leaf)
        answer = helper.make_tensor_value_info(nodes[-1].name, TensorProto.FLOAT, None)
        made = helper.make_graph(graph.nodes, "tail", inputs, [answer], graph.constants)
        model = helper.make_model(
            made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        settings.enable_cpu_mem_arena = False  # many sessions are alive; each would keep its own
        try:
            self._session = ort.InferenceSession(
                model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
            )
        except RUN_ERRORS as error:
            raise Unknown(str(error)) from error

    def run(self, values: Mapping[str, Tensor]) -> Tensor:
        """The answer.

        Args:
            values: Of the nodes that are needed, by name; contiguous.
        """
        feed = {name: value.numpy() for name, value in values.items()}
        return torch.from_numpy(self._session.run(None, feed)[0])
