"""Trains the line recogniser from nothing on lines rendered as it learns, and writes it as ONNX.

    python -m services.ocr.recogniser_training.train --fonts FOLDER --text admin.txt.xz general.txt.xz --minutes 8 --workers 15 --out vie_lines.onnx

The fonts used: croscore, DejaVu, Noto, Linux Libertine, Carlito, Roboto, Open Sans, Lato, Inter, Charis, Gentium,
EB Garamond, Andika and TeX Gyre, as Debian packages them; FreeSerif and FreeSans are kept for judging. The text is
law and administrative text and Wikipedia lines. Eight minutes on one H100 with 15 rendering processes; a CPU takes
a night. ``--steps 3 --workers 0`` on any machine shows that it runs.
"""

from __future__ import annotations

import argparse
import json
import math
import queue
import time
from pathlib import Path

import numpy as np
import torch
from torch import multiprocessing as mp

from services.ocr.recogniser_training.network import ALPHABET, HEIGHT, STRIDE, LineNet
from services.ocr.recogniser_training.render import Lines

_POOL = 640  # lines sorted by width before they are cut into batches, so little is padding
_AREA = 160 * 640  # lines × widest line in a batch


def batches(fonts: Path, texts: list[Path], seed: int):
    """Endless (ink [B, 44, W] as uint8, widths, labels, label lengths)."""
    index = {letter: i + 1 for i, letter in enumerate(ALPHABET)}
    lines = iter(Lines(fonts, texts, seed))
    while True:
        pool = sorted((next(lines) for _ in range(_POOL)), key=lambda item: item[0].shape[1])
        cut: list[list[tuple[np.ndarray, str]]] = [[]]
        for item in pool:
            if cut[-1] and (len(cut[-1]) + 1) * item[0].shape[1] > _AREA:
                cut.append([])
            cut[-1].append(item)
        np.random.shuffle(cut)  # type: ignore[arg-type]
        for group in cut:
            width = math.ceil(max(ink.shape[1] for ink, _ in group) / 16) * 16 + 16
            ink = np.zeros((len(group), HEIGHT, width), np.uint8)
            for row, (picture, _) in enumerate(group):
                ink[row, :, : picture.shape[1]] = picture * 255
            widths = np.array([math.ceil(picture.shape[1] / STRIDE) for picture, _ in group], np.int64)
            labels = [[index[c] for c in text] for _, text in group]
            yield (
                ink,
                widths,
                np.concatenate([np.array(x, np.int64) for x in labels]),
                np.array([len(x) for x in labels]),
            )


def _produce(fonts: Path, texts: list[Path], seed: int, into: mp.Queue) -> None:
    torch.set_num_threads(1)
    for batch in batches(fonts, texts, seed):
        into.put(batch)


def greedy(log_probs: torch.Tensor, widths: torch.Tensor) -> list[str]:
    """Best path per line, without a language."""
    best = log_probs.argmax(-1).cpu().numpy()
    out = []
    for row, length in zip(best, widths.tolist(), strict=True):
        ids = row[:length]
        keep = (ids != 0) & np.concatenate(([True], ids[1:] != ids[:-1]))
        out.append("".join(ALPHABET[i - 1] for i in ids[keep]))
    return out


def _errors(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--text", type=Path, nargs="+", required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps instead of minutes")
    parser.add_argument("--workers", type=int, default=15)
    parser.add_argument("--rate", type=float, default=2.5e-3)
    parser.add_argument("--start", type=Path, help="weights to go on from (.pt)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(given.seed)
    torch.backends.cudnn.benchmark = False
    torch.set_float32_matmul_precision("high")
    net = LineNet().to(device)
    if given.start:
        net.load_state_dict(torch.load(given.start, map_location=device))
    averaged = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999), use_buffers=True
    )
    decay = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}], lr=given.rate
    )
    source = _source(given)
    began, step, shown = time.monotonic(), 0, 0.0
    seen = waited = 0
    loss_sum = 0.0
    while True:
        share = step / given.steps if given.steps else (time.monotonic() - began) / (given.minutes * 60)
        if share >= 1:
            break
        warm = min(1.0, (step + 1) / 400)
        for group in optimiser.param_groups:
            group["lr"] = given.rate * warm * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-6
        t = time.monotonic()
        ink, widths, labels, lengths = next(source)
        waited += time.monotonic() - t
        x = torch.from_numpy(ink).to(device, non_blocking=True)[:, None].float() / 255
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            log_probs = net(x)
        w = torch.from_numpy(widths).clamp(max=log_probs.shape[1])
        loss = torch.nn.functional.ctc_loss(
            log_probs.transpose(0, 1),
            torch.from_numpy(labels).to(device),
            w,
            torch.from_numpy(lengths),
            zero_infinity=True,
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        if step > 500:
            averaged.update_parameters(net)
        step += 1
        seen += len(widths)
        if step % 20 == 0:
            loss_sum = 0.9 * loss_sum + 0.1 * float(loss)
        if time.monotonic() - shown > 20:
            shown = time.monotonic()
            print(  # noqa: T201
                f"{shown - began:5.0f} s step {step} lines {seen} loss {float(loss):.4f} waited {waited:.0f} s",
                flush=True,
            )
            torch.save((averaged.module if step > 1500 else net).state_dict(), given.out.with_suffix(".pt"))
    final = averaged.module if step > 1500 else net
    _judge(final, source, device)
    torch.save(final.state_dict(), given.out.with_suffix(".pt"))
    export(final.cpu(), given.out)


def _source(given: argparse.Namespace):
    if given.workers == 0:
        yield from batches(given.fonts, given.text, given.seed)
        return
    context = mp.get_context("spawn")
    waiting: mp.Queue = context.Queue(maxsize=8 * given.workers)
    for number in range(given.workers):
        context.Process(
            target=_produce, args=(given.fonts, given.text, given.seed * 1000 + number, waiting), daemon=True
        ).start()
    while True:
        try:
            yield waiting.get(timeout=120)
        except queue.Empty as error:
            raise RuntimeError("the rendering processes have stopped") from error


def _judge(net: LineNet, source, device: torch.device) -> None:
    """Prints the CER on fresh lines, as damaged as those learned from."""
    net.eval()
    wrong = total = 0
    with torch.no_grad():
        for _ in range(20):
            ink, widths, labels, lengths = next(source)
            log_probs = net(torch.from_numpy(ink).to(device)[:, None].float() / 255)
            starts = np.concatenate(([0], np.cumsum(lengths)))
            for row, read in enumerate(greedy(log_probs, torch.from_numpy(widths))):
                truth = "".join(ALPHABET[i - 1] for i in labels[starts[row] : starts[row + 1]])
                wrong += _errors(read, truth)
                total += len(truth)
    print(f"CER on fresh training-like lines: {100 * wrong / total:.3f} % of {total} letters", flush=True)  # noqa: T201


def export(net: LineNet, out: Path) -> None:
    """ONNX with the alphabet in its metadata."""
    net.eval()
    torch.onnx.export(
        net,
        (torch.zeros(2, 1, HEIGHT, 256),),
        str(out),
        input_names=["ink"],
        output_names=["log_probs"],
        dynamic_axes={"ink": {0: "lines", 3: "width"}, "log_probs": {0: "lines", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    import onnx

    model = onnx.load(str(out))
    for key, value in (("alphabet", json.dumps(ALPHABET)), ("stride", str(STRIDE)), ("height", str(HEIGHT))):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(out))


if __name__ == "__main__":
    main()
