"""Which form quantized weights take, so that ONNX Runtime computes what the network computes.

On x86 without instructions for 8-bit dot products, ONNX Runtime's kernel for unsigned activations
and *signed* weights adds two products in 16 bits, where they saturate: 64 products of 255 and 127
give half of their sum. So 8-bit weights that could do that are stored as unsigned there, with zero
point 128, for a kernel that is exact; weights of up to 7 bits never do, and stay signed.

Measured (ONNX Runtime 1.31, ResNet-20, 8 bits, one thread; CPU time as a part of the float file's
at batch 1 and 32; the second column in the same runtime with its AVX-512 kernels switched off):

    activations x weights    with dot products    without
    unsigned x signed        0.57, 0.47           0.65, 0.66 (87.8 % right; simulated: 89.0 %)
    unsigned x unsigned      1.03, 0.99           0.91, 0.95 (89.2 %)
    signed x signed          1.25, 1.22           1.17, 1.23
"""

from __future__ import annotations

import platform
from pathlib import Path

from engine.info import Target

_CPUINFO = Path("/proc/cpuinfo")
_DOT_PRODUCTS = frozenset({"avx512_vnni", "avx_vnni"})
_ARM = ("arm", "aarch64")


def resolve(target: Target) -> Target:
    """The kind of processor that is meant: `auto` becomes this machine's.

    Where the system does not say what an x86 processor can do, `avx2`: right on every one.
    """
    if target is not Target.AUTO:
        return target
    machine = platform.machine().lower()
    if machine.startswith(_ARM):
        return Target.ARM
    if machine not in ("x86_64", "amd64", "x86", "i386", "i686"):
        return Target.PORTABLE
    return Target.VNNI if _DOT_PRODUCTS & _flags() else Target.AVX2


def signed_weights_are_exact(target: Target) -> bool:
    """Whether unsigned activations times signed 8-bit weights never saturate there."""
    return target in (Target.VNNI, Target.ARM)


def _flags() -> frozenset[str]:
    """What the first processor says it can do; nothing where the system does not tell."""
    try:
        text = _CPUINFO.read_text(errors="replace")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()
