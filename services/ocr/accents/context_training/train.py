"""Second step of rebuilding ``context.onnx``: trains a net on a GPU (a tiny run works on a CPU).

    python train.py teacher WORK OUT --minutes 4                               # large, exact weights
    python train.py student WORK OUT --minutes 6.5 --teacher OUT/teacher.npz   # small, 4-bit weights, learns from it

WORK holds what ``prepare.py`` wrote; OUT gets ``NAME.npz`` (weights) and ``NAME.log``. The file stands alone (it
can be taken to a GPU machine without the product): torch and numpy are all it needs.

The net reads a window of stripped tokens and scores, at each, the accented forms of that token's key:
embedding (key, case, gap before, line start) → blocks of [shifted mixing + attention with relative positions, ReLU
feed-forward] → dot product with the forms' own embeddings. Windows are spoilt on purpose (upper case, no punctuation,
wrapped lines, tokens that kept their accents or have wrong ones, masked tokens), so that it works on such text too.
Matrices are trained with Muon (orthogonalised momentum; Jordan et al. 2024), the rest with Adam; the small net sees its
weights rounded to 4 bits in every step (straight-through), so rounding costs it nothing afterwards.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import lzma
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

LOG = logging.getLogger("train")
NUMBERS, BUCKETS, GAPS, CASES = 8, 1024, 11, 5  # as in context_tokens.py
MASK, NO_TARGET = 1, 0x8000
MATRICES = ("qkv", "out", "up", "down", "enter", "leave")
WINDOW = 128
STEP4 = 0.335  # best step of a uniform 4-bit quantiser, in standard deviations of a Gaussian


@dataclass(frozen=True)
class Shape:
    """Sizes of a net."""

    embed: int
    width: int
    layers: int
    hidden: int
    heads: int
    bits4: bool
    dropout: float


SHAPES = {
    "teacher": Shape(256, 640, 8, 2560, 10, False, 0.1),
    "student": Shape(128, 384, 5, 1408, 6, True, 0.0),
    "tiny": Shape(32, 64, 2, 128, 2, True, 0.0),
}


class Vocabulary:
    """Numbers of keys and forms (see prepare.py) as tensors."""

    def __init__(self, path: Path, device: str) -> None:
        raw = json.loads(path.read_text(encoding="utf-8"))
        forms = raw["forms"]
        keys = len(forms)
        self.first_key = NUMBERS + BUCKETS
        self.first_form = self.first_key + keys
        self.forms = sum(map(len, forms))
        self.size = self.first_form + self.forms
        most = max(map(len, forms))
        candidates = torch.full((self.size, most), -1, dtype=torch.long)  # row: code of a key or form
        key_of = torch.arange(self.size)
        rank = torch.zeros(self.size, dtype=torch.long)
        prior = torch.zeros(self.forms)
        at = 0
        for k, (own, counts) in enumerate(zip(forms, raw["counts"], strict=True)):
            row = torch.arange(at, at + len(own))
            candidates[self.first_key + k, : len(own)] = row
            for i in range(len(own)):
                code = self.first_form + at + i
                candidates[code, : len(own)] = row
                key_of[code], rank[code] = self.first_key + k, i
                prior[at + i] = math.log(max(counts[i], 1) / sum(counts)) if sum(counts) else 0.0
            at += len(own)
        self.candidates, self.key_of, self.rank = candidates.to(device), key_of.to(device), rank.to(device)
        self.prior = prior.to(device)
        self.ambiguous = (self.candidates[:, 1] >= 0) if most > 1 else torch.zeros(self.size, dtype=torch.bool)


def round4(w: Tensor, dim: int) -> Tensor:
    """``w`` rounded to 16 steps per slice along ``dim``; the gradient passes straight through."""
    step = STEP4 * w.detach().float().square().mean(dim, keepdim=True).sqrt().clamp_min(1e-8)
    q = (w.float() / step).round().clamp(-8, 7) * step
    return w + (q - w).detach()


class Net(nn.Module):
    """The net; parameters of all blocks are stacked so that Muon treats them in one batch."""

    def __init__(self, shape: Shape, vocabulary: Vocabulary) -> None:
        super().__init__()
        s, self.shape, self.first_form = shape, shape, vocabulary.first_form
        d, n = s.width, s.layers

        def matrix(rows: int, columns: int, scale: float = 1.0) -> nn.Parameter:
            return nn.Parameter(torch.randn(n, rows, columns) * scale / math.sqrt(rows))

        self.table = nn.Parameter(torch.randn(vocabulary.size, s.embed) * 0.5)
        self.case = nn.Parameter(torch.randn(CASES, s.embed) * 0.3)
        self.gap = nn.Parameter(torch.randn(GAPS, s.embed) * 0.3)
        self.start = nn.Parameter(torch.randn(2, s.embed) * 0.3)
        self.enter = nn.Parameter(torch.randn(1, s.embed, d) / math.sqrt(s.embed))
        self.leave = nn.Parameter(torch.randn(1, d, s.embed) / math.sqrt(d))
        self.bias = nn.Parameter(vocabulary.prior.clone())
        self.qkv = matrix(d, 3 * d)
        self.out = matrix(d, d, 0.3)
        self.up = matrix(d, s.hidden)
        self.down = matrix(s.hidden, d, 0.3)
        shift = torch.zeros(n, 5, d)
        shift[:, 2] = 1.0
        self.shift = nn.Parameter(shift)
        self.near = nn.Parameter(torch.zeros(n, s.heads, 2 * WINDOW - 1))
        self.up_bias = nn.Parameter(torch.zeros(n, s.hidden))
        place = torch.arange(WINDOW)
        self.watched_input = torch.empty(0)
        self.register_buffer("apart", place[None, :] - place[:, None] + WINDOW - 1, persistent=False)

    def weights(self) -> dict[str, Tensor]:
        """The matrices and the embedding table as the run-time net will have them."""
        exact = {name: getattr(self, name) for name in MATRICES}
        if not self.shape.bits4:
            return exact | {"table": self.table}
        return {name: ROUND(w, -2) for name, w in exact.items()} | {"table": ROUND(self.table, -1)}

    def forward(
        self, code: Tensor, case: Tensor, gap: Tensor, start: Tensor, line: Tensor, fast: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Hidden states (B, L, embed) and the table, for ``scores``; ``line`` tells which tokens may see each other."""
        w = self.weights()
        kind = torch.bfloat16 if code.is_cuda else torch.float32
        looks = torch.cat([F.one_hot(case, CASES), F.one_hot(gap, GAPS), F.one_hot(start, 2)], -1)
        x = F.embedding(code, w["table"]) + looks.float() @ torch.cat([self.case, self.gap, self.start])
        matrices = {name: w[name].to(kind) for name in MATRICES}
        self.watched_input = x.detach()  # for the export, which needs to know how large it gets
        x = x.to(kind) @ matrices["enter"][0]
        together = line[:, :, None] == line[:, None, :]
        run = BLOCK if fast else block
        for layer in range(self.shape.layers):
            own = [matrices[m][layer] for m in ("qkv", "out", "up", "down")]
            small = self.near[layer], self.apart, self.shift[layer], self.up_bias[layer]
            x = run(x, line, together, *small, *own, self.shape.heads, self.shape.dropout if self.training else 0.0)
        return norm(x) @ matrices["leave"][0], w["table"]


def norm(x: Tensor) -> Tensor:
    """Layer normalisation without gain: the matrix after it holds the gain."""
    return F.layer_norm(x, x.shape[-1:])


def mix(h: Tensor, line: Tensor, shift: Tensor) -> Tensor:
    """Each token with a share of its two neighbours on either side, as far as they belong to the same line."""
    mixed = h * shift[2].to(h.dtype)
    place = torch.arange(h.shape[1], device=h.device)
    for k in (-2, -1, 1, 2):
        inside = (place >= k) if k > 0 else (place < h.shape[1] + k)
        same = (torch.roll(line, k, 1) == line) & inside
        mixed = mixed + torch.roll(h, k, 1) * same[..., None] * shift[2 + k].to(h.dtype)
    return mixed


def block(
    x: Tensor,
    line: Tensor,
    together: Tensor,
    near: Tensor,
    apart: Tensor,
    shift: Tensor,
    up_bias: Tensor,
    qkv: Tensor,
    out: Tensor,
    up: Tensor,
    down: Tensor,
    heads: int,
    dropout: float,
) -> Tensor:
    """One block; see the module docstring."""
    b, n, d = x.shape
    mixed = mix(norm(x), line, shift)
    q, k_, v = (mixed @ qkv).view(b, n, 3, heads, d // heads).permute(2, 0, 3, 1, 4).unbind(0)
    score = (q @ k_.transpose(-1, -2)).float() / math.sqrt(d // heads) + near[:, apart[:n, :n]]
    score = score.masked_fill(~together[:, None], -1e4)
    a = score.softmax(-1).to(x.dtype) @ v
    a = a.transpose(1, 2).reshape(b, n, d) @ out
    x = x + F.dropout(a, dropout)
    h = torch.relu(norm(x) @ up + up_bias.to(x.dtype)) @ down
    return x + F.dropout(h, dropout)


BLOCK = block
ROUND = round4


def scores(h: Tensor, table: Tensor, bias: Tensor, first_form: int, candidates: Tensor) -> Tensor:
    """Candidate scores (T, K) of hidden states (T, embed); absent candidates get -1e4."""
    # The bias is added before the pick: the gradient of an indexed vector is slow where indices repeat.
    every = torch.addmm(bias.to(h.dtype), h, table[first_form:].to(h.dtype).T, alpha=1 / math.sqrt(h.shape[1]))
    picked = every.gather(1, candidates.clamp_min(0)).float()
    return picked.masked_fill(candidates < 0, -1e4)


class Stream:
    """One source of training text as flat tensors, handed out in shuffled windows without repetition in a pass."""

    def __init__(self, word: np.ndarray, looks: np.ndarray, lengths: np.ndarray, device: str) -> None:
        self.word = torch.from_numpy(word.astype(np.int32)).to(device)
        self.looks = torch.from_numpy(looks).to(device)
        lengths = lengths[lengths > 0].astype(np.int64)
        starts = np.zeros(len(word), np.uint8)
        starts[np.cumsum(lengths)[:-1]] = 1
        starts[0] = 1
        self.start = torch.from_numpy(starts).to(device)
        self.device = device
        self.order = torch.empty(0, dtype=torch.long, device=device)

    def take(self, count: int, g: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """``count`` windows: words, looks, line starts, each (count, WINDOW)."""
        while len(self.order) < count:
            shift = int(torch.randint(0, WINDOW, (1,), generator=g, device=self.device))
            windows = (len(self.word) - shift) // WINDOW
            fresh = torch.randperm(windows, generator=g, device=self.device) * WINDOW + shift
            self.order = torch.cat([self.order, fresh])
        at = self.order[:count, None] + torch.arange(WINDOW, device=self.device)
        self.order = self.order[count:]
        return self.word[at].long(), self.looks[at].long(), self.start[at].long()


def read_streams(work: Path, device: str) -> list[Stream]:
    """General text, law and administration, and a third stream of shuffled place names and formulae."""
    packed = work / "tokens.npz"
    raw = dict(
        np.load(packed if packed.exists() else io.BytesIO(lzma.decompress((work / "tokens.npz.xz").read_bytes())))
    )
    streams = [
        Stream(*(raw[f"{n}_{part}"] for part in ("word", "looks", "lengths")), device) for n in ("general", "admin")
    ]
    small: list[tuple[np.ndarray, np.ndarray]] = []
    for name, times in (("places", 2), ("formulae", 60)):
        lengths = raw[f"{name}_lengths"].astype(np.int64)
        for end, size in zip(np.cumsum(lengths), lengths, strict=True):
            if size:
                small += [(raw[f"{name}_word"][end - size : end], raw[f"{name}_looks"][end - size : end])] * times
    small = [small[i] for i in np.random.default_rng(7).permutation(len(small))]
    words, looks = (np.concatenate(t) for t in zip(*small, strict=True))
    return [*streams, Stream(words, looks, np.array([len(w) for w, _ in small]), device)]


def spoil(word: Tensor, looks: Tensor, start: Tensor, v: Vocabulary, g: torch.Generator) -> dict[str, Tensor]:
    """Windows of right text → what the net gets to see and what it must say."""
    b, n = word.shape
    dev = word.device

    def chance(p: float, *size: int) -> Tensor:
        return torch.rand(size, generator=g, device=dev) < p

    target = torch.where(word < NO_TARGET, word, 0)
    true = word & 0x7FFF
    key = v.key_of[true]
    case, gap = looks // GAPS, looks % GAPS
    letters = case > 0
    style = torch.rand((b, 1), generator=g, device=dev)
    case = torch.where(letters & (style < 0.06), 3, case)
    case = torch.where(letters & (style >= 0.06) & (style < 0.12), 1, case)
    case = torch.where(letters & (style >= 0.12) & (style < 0.14), 2, case)
    gap = torch.where(chance(0.04, b, 1), 0, gap)
    # Lines: half the windows see across line ends, the others only within a line; some lines are wrapped at random.
    start = start | (chance(0.25, b, 1) & chance(0.07, b, n)).long()
    start[:, 0] &= chance(0.5, b).long()
    line = torch.where(chance(0.5, b, 1), torch.cumsum(start, 1), 0)
    # What the tokens look like: stripped, some masked, in some windows a part kept (now and then wrongly) accented.
    keep = chance(0.12, b, 1) & (
        torch.rand((b, n), generator=g, device=dev) < torch.rand((b, 1), generator=g, device=dev)
    )
    wrong = chance(0.04, b, n)
    most = v.candidates.shape[1]
    count = (v.candidates[true] >= 0).sum(-1).clamp_min(1)
    other = (
        v.candidates[true]
        .gather(2, (torch.randint(0, most, (b, n, 1), generator=g, device=dev) % count[..., None]))
        .squeeze(2)
    )
    shown = torch.where(wrong & (other >= 0), other + v.first_form, true)
    code = torch.where(keep, shown, key)
    code = torch.where(chance(0.07, b, n), MASK, code)
    counted = (v.ambiguous[target]) & (target >= v.first_form)
    weight = counted.float() * torch.where(keep & ~wrong, 0.2, 1.0)
    return {"code": code, "case": case, "gap": gap, "start": start, "line": line, "target": target, "weight": weight}


def orthogonal(m: Tensor) -> Tensor:
    """Newton–Schulz iteration of Muon: each matrix of the batch moved towards its nearest orthogonal one."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = m.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        y = x @ x.mT
        x = a * x + (b * y + c * y @ y) @ x
    return (x.mT if tall else x).float()


class Trainer:
    """Muon for the stacked matrices, Adam for the rest, one schedule for both, an average of the weights at the end."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.momentum = {k: torch.zeros_like(getattr(net, k)) for k in MATRICES}
        rest = [p for k, p in net.named_parameters() if k not in MATRICES]
        self.adam = torch.optim.Adam(rest, lr=1.0, betas=(0.9, 0.98), eps=1e-10, fused=rest[0].is_cuda)
        self.mean = {k: p.detach().clone() for k, p in net.named_parameters()}

    @torch.no_grad()
    def step(self, done: float) -> None:
        """One update; ``done`` is the share of the time that is gone."""
        rate = min(1.0, done / 0.01 + 0.02) * min(1.0, (1 - done) / 0.7 + 0.003)
        for group in self.adam.param_groups:
            group["lr"] = 3e-3 * rate
        self.adam.step()
        for name, mean in self.momentum.items():
            p = getattr(self.net, name)
            if p.grad is None:
                continue
            mean.lerp_(p.grad, 0.05)
            parts = p.grad.lerp(mean, 0.95).chunk(3 if name == "qkv" else 1, -1)  # qkv: three matrices side by side
            update = torch.cat([orthogonal(t) for t in parts], -1)
            scale = 0.2 * math.sqrt(max(parts[0].shape[-2:]))
            p.mul_(1 - 0.004 * 0.1 * rate).add_(update, alpha=-0.004 * rate * scale)
        self.net.zero_grad(set_to_none=True)
        if done > 0.7:
            for k, p in self.net.named_parameters():
                self.mean[k].lerp_(p, 0.005)
        else:
            for k, p in self.net.named_parameters():
                self.mean[k].copy_(p)


@torch.no_grad()
def accuracy(
    net: Net, v: Vocabulary, held: dict[str, np.ndarray], name: str, *, joined: bool, upper: bool = False
) -> float:
    """Share of tokens of a held-out text that are spelt right (tokens without a choice count as they stand)."""
    device = net.table.device
    net.eval()
    word = held[f"{name}_word"].astype(np.int64)
    looks = held[f"{name}_looks"].astype(np.int64)
    lengths = held[f"{name}_lengths"]
    line = np.repeat(np.arange(len(lengths)), lengths)
    start = np.concatenate([[1], (np.diff(line) > 0).astype(np.int64)])
    quarter = WINDOW // 4
    windows = math.ceil(len(word) / (2 * quarter))
    room = windows * 2 * quarter + 2 * quarter

    def frame(a: np.ndarray, fill: int) -> Tensor:
        flat = np.full(room, fill, np.int64)
        flat[quarter : quarter + len(a)] = a
        return torch.from_numpy(np.lib.stride_tricks.sliding_window_view(flat, WINDOW)[:: 2 * quarter].copy()).to(
            device
        )

    code = frame(word & 0x7FFF, 0)
    seg = frame(line + 1, 0)
    case = frame(looks // GAPS, 0)
    case = torch.where(case > 0, 3, case) if upper else case
    seg = (seg > 0).long() if joined else seg
    got = []
    for part in range(0, len(code), 512):
        s = slice(part, part + 512)
        key = v.key_of[code[s]]
        h, table = net(key, case[s], frame(looks % GAPS, 0)[s], frame(start, 0)[s], seg[s], fast=False)
        middle = slice(quarter, 3 * quarter)
        flat_key = key[:, middle].reshape(-1)
        best = scores(
            h[:, middle].reshape(-1, h.shape[-1]), table, net.bias, v.first_form, v.candidates[flat_key]
        ).argmax(1)
        said = v.candidates[flat_key].gather(1, best[:, None]).squeeze(1)
        got.append(torch.where(said >= 0, said + v.first_form, flat_key))
    said = torch.cat(got)[: len(word)].cpu().numpy()
    net.train()
    return float((said == word).mean())


def load(path: Path, v: Vocabulary, device: str) -> Net:
    """A net that ``save`` wrote."""
    raw = np.load(path)
    net = Net(replace(Shape(**json.loads(str(raw["shape"]))), bits4=False), v)  # what is saved is rounded already
    for name, p in net.named_parameters():
        weights = raw[name].astype(np.float32)
        if f"{name}.step" in raw:
            weights = weights * raw[f"{name}.step"]
        p.data.copy_(torch.from_numpy(weights))
    return net.to(device)


def save(net: Net, out: Path) -> None:
    """Weights as whole numbers of 4 bits (the small net) or 8 with a step per column (a row of the table)."""
    kept: dict[str, np.ndarray] = {"shape": np.array(json.dumps(asdict(net.shape)))}
    for name, p in net.named_parameters():
        w = p.detach().float().cpu().numpy()
        axis = -1 if name == "table" else -2
        if net.shape.bits4 and (name in MATRICES or name == "table"):
            step = STEP4 * np.sqrt(np.square(w).mean(axis, keepdims=True)).clip(1e-8)
            kept[name], kept[f"{name}.step"] = (w / step).round().clip(-8, 7).astype(np.int8), step
        elif w.size > 100_000:
            step = 0.08 * np.sqrt(np.square(w).mean(axis, keepdims=True)).clip(1e-8)
            kept[name], kept[f"{name}.step"] = np.round(w / step).clip(-127, 127).astype(np.int8), step
        else:
            kept[name] = w
    np.savez(out, **kept)


def main() -> None:
    """Trains for the given minutes; see the module docstring."""
    ap = argparse.ArgumentParser()
    ap.add_argument("name", choices=list(SHAPES))
    ap.add_argument("work", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--minutes", type=float, required=True)
    ap.add_argument("--teacher", type=Path)
    ap.add_argument("--batch", type=int, default=512)
    a = ap.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(7)
    torch.set_float32_matmul_precision("high")
    handlers = [logging.StreamHandler(), logging.FileHandler(a.out / f"{a.name}.log")]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=handlers)
    say = LOG.info
    v = Vocabulary(a.work / "vocabulary.json", device)
    held = dict(np.load(a.work / "held_out.npz"))
    streams = read_streams(a.work, device)
    shares = (0.65, 0.33, 0.02)
    say(f"data on {device}")
    net = Net(SHAPES[a.name], v).to(device)
    teacher = load(a.teacher, v, device).eval() if a.teacher else None
    if teacher is not None:
        say(f"teacher: test {accuracy(teacher, v, held, 'test', joined=False):.4%}")
        teacher.requires_grad_(False)
    global BLOCK, ROUND
    if device == "cuda":
        torch._dynamo.config.recompile_limit = 64
        torch._dynamo.config.suppress_errors = True  # an uncompiled block is slow, not wrong
        BLOCK, ROUND = torch.compile(block, dynamic=False), torch.compile(round4, dynamic=False)
    trainer = Trainer(net)
    g = torch.Generator(device=device)
    g.manual_seed(7)
    say(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M weights")
    steps, total, last, begin_train = 0, 0.0, 0.0, time.time()
    counts = [int(a.batch * s) for s in shares]
    counts[0] += a.batch - sum(counts)
    done = 0.0
    warm = 0.0
    while done < 1.0:
        parts = [s.take(c, g) for s, c in zip(streams, counts, strict=True)]
        word, looks, start = (torch.cat(t) for t in zip(*parts, strict=True))
        x = spoil(word, looks, start, v, g)
        inputs = [x[k] for k in ("code", "case", "gap", "start", "line")]
        h, table = net(*inputs)
        # Score a fixed number of the tokens that have a choice, so that shapes stay the same.
        pick = torch.multinomial(x["weight"].flatten() + 1e-9, int(0.75 * x["weight"].numel()), generator=g)
        target, key = x["target"].flatten()[pick], v.key_of[x["target"].flatten()[pick]]
        candidates = v.candidates[key]
        score = scores(h.flatten(0, 1)[pick], table, net.bias, v.first_form, candidates)
        ours = (target >= v.first_form).float()
        hard = F.cross_entropy(score, v.rank[target], reduction="none", label_smoothing=0.0)
        loss = (hard * ours).sum() / ours.sum()
        if teacher is not None:
            with torch.no_grad():
                th, ttable = teacher(*inputs)
                said = scores(th.flatten(0, 1)[pick], ttable, teacher.bias, v.first_form, candidates).log_softmax(-1)
            soft = F.kl_div(score.log_softmax(-1), said, reduction="none", log_target=True).sum(-1)
            loss = 0.3 * loss + 0.7 * (soft * ours).sum() / ours.sum()
        loss.backward()
        trainer.step(done)
        steps += 1
        if steps == 10:  # compilation is over; the clock of the schedule starts
            if device == "cuda":
                torch.cuda.synchronize()
            warm = time.time() - begin_train
            say(f"compiled in {warm:.1f} s")
        if steps == 60 and device == "cuda":
            torch.cuda.synchronize()
            say(f"{(time.time() - begin_train - warm) / 50 * 1e3:.1f} ms a step")
        if steps % 10 == 0:
            total = float(loss.detach())
            now = time.time() - begin_train
            done = min(1.0, now / (60 * a.minutes)) if steps > 10 else 0.001
            if done - last > 0.1:
                last = done
                save(net, a.out / f"{a.name}.npz")
                tests = ", ".join(
                    f"{n} {accuracy(net, v, held, n, joined=False):.3%}" for n in ("test", "dev", "directive3")
                )
                say(f"step {steps} ({steps * a.batch * WINDOW / 1e6:.0f} M tokens) loss {total:.4f} {tests}")
    for k, p in net.named_parameters():
        p.data.copy_(trainer.mean[k])
    save(net, a.out / f"{a.name}.npz")
    for n in ("test", "dev", "directive0", "directive1", "directive2", "directive3"):
        alone, joined = (accuracy(net, v, held, n, joined=j) for j in (False, True))
        upper = accuracy(net, v, held, n, joined=False, upper=True)
        say(f"{n}: lines alone {alone:.4%}, joined {joined:.4%}, upper case {upper:.4%}")
    say(f"done, {steps} steps")


if __name__ == "__main__":
    main()
