"""The methods of this program. Importing this fills `engine.registry.REGISTRY`.

A method's declaration (texts, parameters, predicted shapes) is light: no torch, so that the window
and the command line have it at once. What it does lies in a module of its own, which the
declaration names in `run`.
"""

import engine.methods.distillation.soft_targets
import engine.methods.low_rank.data_aware_svd
import engine.methods.low_rank.spatial
import engine.methods.low_rank.svd
import engine.methods.low_rank.tucker2
import engine.methods.pruning.channel
import engine.methods.pruning.n_m
import engine.methods.pruning.weight
import engine.methods.quantization.float16
import engine.methods.quantization.uniform
import engine.methods.recovery.bn_reestimate
import engine.methods.recovery.finetune
import engine.methods.recovery.qat  # noqa: F401
