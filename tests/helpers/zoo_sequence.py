"""Transformers and recurrent networks of the zoo."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Self-attention with q, k and v in one dense layer, reshaped, permuted and unbound."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)  # [b, heads, n, c / heads] each
        x = functional.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(b, n, c))


class ViTBlock(nn.Module):
    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.fc2(functional.gelu(self.fc1(self.norm2(x))))


class ViT(nn.Module):
    """Dosovitskiy et al. 2021, arXiv:2010.11929; class token and position table."""

    def __init__(
        self,
        image: int = 32,
        patch: int = 8,
        dim: int = 24,
        depth: int = 1,
        heads: int = 3,
        classes: int = 10,
    ) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, patch, patch)
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, dim) * 0.02)
        self.blocks = nn.Sequential(*(ViTBlock(dim, heads, 4 * dim) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed(x).flatten(2).transpose(1, 2)  # [b, positions, dim]
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class BertLayer(nn.Module):
    """Separate q, k and v; explicit products, scaling, additive mask and softmax."""

    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.dense = nn.Linear(dim, dim)
        self.norm1 = nn.LayerNorm(dim, eps=1e-12)
        self.intermediate = nn.Linear(dim, hidden)
        self.output = nn.Linear(hidden, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], self.heads, self.size).permute(0, 2, 1, 3)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.size) + mask
        mixed = torch.matmul(self.dropout(functional.softmax(scores, dim=-1)), v)
        mixed = mixed.permute(0, 2, 1, 3).contiguous()
        mixed = mixed.view(*mixed.shape[:-2], self.heads * self.size)
        x = self.norm1(x + self.dropout(self.dense(mixed)))
        return self.norm2(x + self.dropout(self.output(functional.gelu(self.intermediate(x)))))


class Bert(nn.Module):
    """Devlin et al. 2019, arXiv:1810.04805, as a sentence classifier."""

    def __init__(
        self,
        vocabulary: int = 50,
        length: int = 16,
        dim: int = 24,
        depth: int = 1,
        heads: int = 3,
        classes: int = 2,
    ) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, dim, padding_idx=0)
        self.position_embeddings = nn.Embedding(length, dim)
        self.token_type_embeddings = nn.Embedding(2, dim)
        self.norm = nn.LayerNorm(dim, eps=1e-12)
        self.dropout = nn.Dropout(0.1)
        self.layer = nn.ModuleList(BertLayer(dim, heads, 4 * dim) for _ in range(depth))
        self.pooler = nn.Linear(dim, dim)
        self.classifier = nn.Linear(dim, classes)
        self.register_buffer("position_ids", torch.arange(length)[None], persistent=False)

    def forward(self, ids: Tensor, token_types: Tensor, mask: Tensor) -> Tensor:
        additive = (1.0 - mask[:, None, None, :].to(torch.float32)) * -1e9
        x = self.word_embeddings(ids) + self.token_type_embeddings(token_types)
        x = x + self.position_embeddings(self.position_ids[:, : ids.shape[1]])
        x = self.dropout(self.norm(x))
        for layer in self.layer:
            x = layer(x, additive)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


class GPTBlock(nn.Module):
    """Pre-norm with RMS norm, causal attention by chunk, gated feed-forward (SwiGLU)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.RMSNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.norm2 = nn.RMSNorm(dim)
        self.gate = nn.Linear(dim, 2 * dim, bias=False)
        self.up = nn.Linear(dim, 2 * dim, bias=False)
        self.down = nn.Linear(2 * dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        parts = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        q, k, v = (p.view(b, n, self.heads, c // self.heads).transpose(1, 2) for p in parts)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).contiguous().view(b, n, c))
        y = self.norm2(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class GPT(nn.Module):
    """A causal language model whose output head shares the embedding's weights."""

    def __init__(
        self, vocabulary: int = 40, length: int = 12, dim: int = 16, depth: int = 2, heads: int = 2
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.position = nn.Parameter(torch.randn(length, dim) * 0.02)
        self.blocks = nn.ModuleList(GPTBlock(dim, heads) for _ in range(depth))
        self.norm = nn.RMSNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids) + self.position[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class TiedWeights(nn.Module):
    """Embedding tied with the output head, nothing else of note."""

    def __init__(self, vocabulary: int = 30, dim: int = 12) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.hidden = nn.Linear(dim, 20)
        self.project = nn.Linear(20, dim)
        self.head = nn.Linear(dim, vocabulary)
        self.head.weight = self.embed.weight

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.project(functional.gelu(self.hidden(self.embed(ids)))))


class LSTMClassifier(nn.Module):
    """Embedding, LSTM, last hidden state, dense."""

    def __init__(
        self,
        vocabulary: int = 40,
        dim: int = 12,
        hidden: int = 16,
        layers: int = 1,
        bidirectional: bool = False,
        classes: int = 2,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dim)
        self.lstm = nn.LSTM(
            dim,
            hidden,
            layers,
            batch_first=True,
            bidirectional=bidirectional,
            dropout=0.2 if layers > 1 else 0.0,
        )
        self.bidirectional = bidirectional
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), classes)

    def forward(self, ids: Tensor) -> Tensor:
        _, (h, _) = self.lstm(self.embedding(ids))
        last = torch.cat([h[-2], h[-1]], dim=1) if self.bidirectional else h[-1]
        return self.fc(last)


class GRUClassifier(nn.Module):
    """Two GRU layers in both directions over a row of measurements, mean over time."""

    def __init__(self, features: int = 6, hidden: int = 10, classes: int = 3) -> None:
        super().__init__()
        self.gru = nn.GRU(features, hidden, 2, batch_first=True, bidirectional=True, dropout=0.1)
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.gru(x)
        return self.fc(out.mean(dim=1))
