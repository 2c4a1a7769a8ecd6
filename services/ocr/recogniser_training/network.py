"""The line recogniser: a picture of one line in, per-frame log-probabilities over the alphabet out (CTC).

A frame is 4 px wide. Two-dimensional convolutions see the letters and their marks at the line's own resolution;
gated one-dimensional blocks along the line see the neighbours. There is no recurrence, so a line may have any width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HEIGHT = 44
STRIDE = 4

ALPHABET = (
    " 0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
    "ẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    "“”‘’–—…≥≤±×÷°•·→½²³§®©€Øø"
)
ALPHABET = "".join(dict.fromkeys(ALPHABET))


class _Conv(nn.Sequential):
    def __init__(self, given: int, made: int, kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int]):
        super().__init__(
            nn.Conv2d(given, made, kernel, stride, pad, bias=False), nn.BatchNorm2d(made), nn.ReLU(inplace=True)
        )


class _Residual(nn.Module):
    """Two 3 × 3 convolutions around a shortcut."""

    def __init__(self, width: int):
        super().__init__()
        self.first = _Conv(width, width, (3, 3), (1, 1), (1, 1))
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.norm(self.second(self.first(x))))


class _Along(nn.Module):
    """A block along the line: wide depthwise view, then a widened mix of channels."""

    def __init__(self, width: int, kernel: int, drop: float):
        super().__init__()
        self.view = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.widen = nn.Conv1d(width, 2 * width, 1)
        self.narrow = nn.Conv1d(2 * width, width, 1)
        self.drop = nn.Dropout(drop)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.narrow(torch.relu(self.widen(self.norm(self.view(x))))))


class LineNet(nn.Module):
    """[lines, 1, 44, width] ink maps (0 paper, 1 ink) → [lines, width / 4, 1 + len(ALPHABET)] log-probabilities.

    Class 0 is CTC's blank, class i the letter ``ALPHABET[i - 1]``.
    """

    def __init__(self, c1: int = 24, c2: int = 48, c3: int = 88, width: int = 240, blocks: int = 6, drop: float = 0.1):
        super().__init__()
        self.see = nn.Sequential(
            _Conv(1, c1, (3, 3), (2, 2), (1, 1)),  # 22 × w/2
            _Residual(c1),
            _Conv(c1, c2, (3, 3), (2, 2), (1, 1)),  # 11 × w/4
            _Residual(c2),
            _Conv(c2, c3, (3, 3), (2, 1), (1, 1)),  # 6 × w/4
            _Residual(c3),
        )
        self.fold = nn.Sequential(
            nn.Conv2d(c3, width, (6, 1), bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        self.along = nn.Sequential(*(_Along(width, 11, drop) for _ in range(blocks)))
        self.name = nn.Conv1d(width, 1 + len(ALPHABET), 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.fold(self.see(x)).squeeze(2)
        return torch.log_softmax(self.name(self.along(seen)).transpose(1, 2).float(), dim=-1)
