"""A network made ready to be trained, and made a network again afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _NormBase
from torch.utils import _pytree as pytree

from engine.frozen import FrozenMap
from engine.info import LayerKind
from engine.jobs.job import Job
from engine.network.leaves import RECURRENT, Use, uses
from engine.network.network import Network
from engine.surgery.copy import as_kind_of, copy_module, copy_network, replace_tensors, tensor_at
from engine.training.fake_quant import WeightQuantizer, learned_activation

State = dict[str, Tensor]
FAKE_QUANTIZE = torch.ops.aten.fake_quantize_per_tensor_affine.default
_ACTIVATION = "activation_scale"
_VIEWS = (torch.ops.aten.view.default, torch.ops.aten._unsafe_view.default)


class Student:
    """A copy of a network with tensors of its own, in which masks and grids hold.

    Args:
        network: Never changed.
        device: Where it is trained.
        job: Looked at between layers.
        learn_steps: The steps of quantized weights and activations are trained too.

    Attributes:
        module: The graph that is trained.
        trained: Parameters with a gradient, by name, tied ones once; without steps.
        steps: Learned steps by name.
    """

    def __init__(
        self, network: Network, device: torch.device, job: Job, *, learn_steps: bool = False
    ) -> None:
        self.network = network
        self.device = device
        self._job = job
        self.module = ready(network.module, device)
        self._channels_last = channels_last(self.module, device)
        _freeze(self.module, network)
        self._scales = self._learn_activations() if learn_steps else {}
        self._layers = {use.name: use for use in uses(self.module)}
        names = {id(p): name for name, p in self.module.named_parameters()}
        self._paths = {
            n: names[id(u.weight)] for n, u in self._layers.items() if id(u.weight) in names
        }
        self._quantizers = self._make_quantizers(learn_steps=learn_steps)
        self._masks = self._make_masks()
        self.trained = {n: p for n, p in self.module.named_parameters() if p.requires_grad}
        for name in self._scales:
            self.trained.pop(name, None)
        self.steps = dict(self._scales)
        for path, quantizer in self._quantizers.items():
            if quantizer.scale is not None and quantizer.scale.requires_grad:
                self.steps[f"{path}/scale"] = quantizer.scale
        self._watch()

    def _learn_activations(self) -> dict[str, nn.Parameter]:
        """Replace fake quantizations by ones whose step is a parameter."""
        scales: dict[str, nn.Parameter] = {}
        graph = self.module.graph
        for node in list(graph.nodes):
            if node.op != "call_function" or node.target is not FAKE_QUANTIZE:
                continue
            x, scale, zero_point, low, high = node.args
            name = f"{_ACTIVATION}_{node.name}"
            value = torch.tensor(float(scale), dtype=torch.float32, device=self.device)
            scales[name] = nn.Parameter(value)
            self.module.register_parameter(name, scales[name])
            with graph.inserting_before(node):
                step = graph.get_attr(name)
                call = graph.call_function(learned_activation, (x, step, zero_point, low, high))
            call.meta = dict(node.meta)
            node.replace_all_uses_with(call)
            graph.erase_node(node)
        self._least = {name: p.detach().clone() * 1e-3 for name, p in scales.items()}
        self.module.recompile()
        return scales

    def _make_quantizers(self, *, learn_steps: bool) -> dict[str, WeightQuantizer]:
        """One for each quantized tensor, by the name of its parameter; tied layers share it."""
        made: dict[str, WeightQuantizer] = {}
        for layer, encoding in self.network.encodings.items():
            path = self._paths.get(layer)
            if path is not None and path not in made:
                made[path] = WeightQuantizer(encoding, self.device, learned=learn_steps)
        return made

    def _make_masks(self) -> list[tuple[nn.Parameter, Tensor]]:
        masks: dict[int, tuple[nn.Parameter, Tensor]] = {}
        for name in self.network.sparse:
            use = self._layers.get(name)
            for weight in _weights(use) if use is not None else ():
                masks[id(weight)] = (weight, weight.detach() != 0)
        return list(masks.values())

    def _watch(self) -> None:
        """Look at the job between layers, forward and backward: a step can take seconds."""

        def before(module: nn.Module, inputs: tuple[Any, ...]) -> None:
            del module
            self._job.checkpoint()
            for tensor in inputs:
                if isinstance(tensor, Tensor) and tensor.requires_grad:
                    tensor.register_hook(  # type: ignore[no-untyped-call]  # torch has no types there
                        lambda gradient: self._job.checkpoint()
                    )

        for use in self._layers.values():
            if use.module is not None:
                use.module.register_forward_pre_hook(before)

    @property
    def quantized(self) -> bool:
        """Whether a weight or an activation is rounded."""
        return bool(self._quantizers or self._scales) or any(
            node.target is FAKE_QUANTIZE for node in self.module.graph.nodes
        )

    @property
    def batch_norms(self) -> tuple[_NormBase, ...]:
        """Leaves that use the statistics of the batch while training."""
        leaves = self.module.modules()
        return tuple(leaf for leaf in leaves if isinstance(leaf, nn.modules.batchnorm._BatchNorm))

    def __call__(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """All floating-point outputs for one batch, float32, with weights on their grids."""
        inputs = tuple(laid_out(x, self.device, channels_last=self._channels_last) for x in inputs)
        rounded = {
            path: quantizer(self._parameter(path)) for path, quantizer in self._quantizers.items()
        }
        outputs = functional_call(self.module, rounded, inputs) if rounded else self.module(*inputs)
        return floating(outputs)

    def train(self, *, freeze_batch_norm: bool) -> None:
        """Dropout and batch statistics on, batch norms as they are if frozen."""
        self.module.train()
        if freeze_batch_norm:
            for norm in self.batch_norms:
                norm.eval()

    def eval(self) -> None:
        """As the network is used."""
        self.module.eval()

    @torch.no_grad()
    def enforce(self) -> None:
        """After each step: what is masked is zero, and steps are positive."""
        for weight, mask in self._masks:
            weight.mul_(mask)
        for quantizer in self._quantizers.values():
            quantizer.keep_positive()
        for name, scale in self._scales.items():
            scale.copy_(torch.maximum(scale, self._least[name]))

    def tensors(self) -> State:
        """What training changes, by name: weights, steps, running statistics."""
        found: State = {**self.trained, **self.steps}
        for name, leaf in self.module.named_modules():
            if isinstance(leaf, _NormBase):
                found |= {f"{name}.{n}": b for n, b in leaf.named_buffers(recurse=False)}
        return found

    @torch.no_grad()
    def state(self) -> State:
        """A copy of `tensors`."""
        return {name: tensor.detach().clone() for name, tensor in self.tensors().items()}

    @torch.no_grad()
    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go back to a state."""
        for name, tensor in self.tensors().items():
            tensor.copy_(state[name])

    @torch.no_grad()
    def result(self) -> Network:
        """The network as trained: shares what was not trained, on the CPU, on its grids."""
        result = copy_network(self.network)
        new: dict[int, Tensor] = {}
        for name, mine in self.tensors().items():
            if name not in self.steps:
                old = tensor_at(self.network.module, name)
                values = self._on_grid(name) if name in self._quantizers else mine.detach().cpu()
                values = values.clone(memory_format=torch.contiguous_format)
                new[id(old)] = as_kind_of(old, values)
        replace_tensors(result.module, new)
        self._write_activations(result.module)
        return replace(result, encodings=self._encodings())

    def _on_grid(self, path: str) -> Tensor:
        quantizer = self._quantizers[path]
        return quantizer.finished(self._parameter(path).detach().cpu(), quantizer.scale)[0]

    def _encodings(self) -> FrozenMap[Any]:
        """The grids as they are now, of the same layers as before."""
        found = {}
        for layer, encoding in self.network.encodings.items():
            path = self._paths.get(layer)
            found[layer] = encoding
            if path in self._quantizers and path is not None:
                quantizer = self._quantizers[path]
                weight = self._parameter(path).detach().cpu()
                found[layer] = quantizer.finished(weight, quantizer.scale)[1]
        return FrozenMap(found)

    def _write_activations(self, module: fx.GraphModule) -> None:
        """Put learned steps back as constants of the graph."""
        for node in module.graph.nodes:
            scale = self._scales.get(f"{_ACTIVATION}_{node.name}")
            if scale is not None:
                node.update_arg(1, float(scale.detach().cpu()))
        module.recompile()

    def _parameter(self, path: str) -> nn.Parameter:
        return self.module.get_parameter(path)


def floating(outputs: Any) -> tuple[Tensor, ...]:
    """All floating-point tensors that a network returns, as float32."""
    leaves = pytree.tree_leaves(outputs)
    return tuple(x.float() for x in leaves if isinstance(x, Tensor) and x.is_floating_point())


def own_copy(module: fx.GraphModule) -> fx.GraphModule:
    """A copy that shares no tensor; tied ones are still tied."""
    twin = copy_module(module)
    tensors = {id(t): t for t in (*module.parameters(), *module.buffers())}
    replace_tensors(twin, {i: as_kind_of(t, t.detach().clone()) for i, t in tensors.items()})
    return twin


def _freeze(module: fx.GraphModule, network: Network) -> None:
    """What something holds back is not trained."""
    for use in uses(module):
        if use.name in network.restrictions:
            for parameter in _parameters(use):
                parameter.requires_grad = False


def _parameters(use: Use) -> Iterator[nn.Parameter]:
    if use.module is not None:
        yield from use.module.parameters(recurse=False)
    elif isinstance(use.weight, nn.Parameter):
        yield use.weight


def _weights(use: Use) -> Iterator[nn.Parameter]:
    """The tensors of a layer that pruning makes zeros in."""
    if use.kind in RECURRENT and use.module is not None:
        for name, parameter in use.module.named_parameters(recurse=False):
            if name.startswith("weight"):
                yield parameter
    elif isinstance(use.weight, nn.Parameter) and use.kind is not LayerKind.BATCH_NORM:
        yield use.weight


def ready(module: fx.GraphModule, device: torch.device) -> fx.GraphModule:
    """A copy with tensors of its own on a device, laid out as its convolutions are fastest."""
    twin = own_copy(module)
    graph = twin.graph
    for node in graph.nodes:
        if node.op == "call_function" and node.target in _VIEWS:
            node.target = torch.ops.aten.reshape.default  # a view needs the one usual layout
        if isinstance(node.kwargs.get("device"), torch.device):
            node.kwargs = {**node.kwargs, "device": device}
    twin.recompile()
    twin.to(device)
    if channels_last(twin, device):
        for parameter in twin.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return twin


def channels_last(module: fx.GraphModule, device: torch.device) -> bool:
    """Whether channels are to lie innermost: 2-D convolutions are then a quarter faster."""
    strided = any(node.target is torch.ops.aten.as_strided.default for node in module.graph.nodes)
    convolves = any(isinstance(leaf, nn.Conv2d) for leaf in module.modules())
    return convolves and not strided and device.type in ("cpu", "cuda")


def laid_out(tensor: Tensor, device: torch.device, *, channels_last: bool) -> Tensor:
    """An input where and as `ready` networks want it."""
    tensor = tensor.to(device)
    if channels_last and tensor.dim() == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor
