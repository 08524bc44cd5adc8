"""Whole turns of the grid's phase: unwrapped from the clearest node outwards."""

import heapq

import cv2
import numpy as np

from ecgclip.typing import Bools, Complex64s, Float32s


def largest_piece(clear: Bools) -> Bools:
    """The largest connected piece: phases can be compared only within one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear.astype(np.uint8), connectivity=4)
    if count < 2:
        return clear.copy()
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def unwrapped(waves: tuple[Complex64s, Complex64s], clear: Bools) -> Float32s:
    """Phases of both waves, [2, row, column], 0 where not clear.

    Whole turns come from every other node, between which the phase hardly changes; a quarter of the work.
    """
    phases = np.stack([np.angle(wave) for wave in waves])
    known = largest_piece(clear[::2, ::2])
    quality = np.stack([np.abs(wave) for wave in waves])[:, ::2, ::2]
    rough = [_unwrap(*one, known) for one in zip(phases[:, ::2, ::2], quality, strict=True)]
    rows, columns = clear.shape
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32) / 2, np.arange(rows, dtype=np.float32) / 2)
    near = np.stack(
        [
            cv2.remap(turns, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for turns in filled(np.stack(rough), known)
        ]
    )
    exact = phases + 2 * np.pi * np.round((near - phases) / (2 * np.pi))
    return np.where(clear, exact, 0.0).astype(np.float32)


def _unwrap(phase: Float32s, quality: Float32s, clear: Bools) -> Float32s:
    """Quality-guided unwrapping over the clear nodes, from the best outwards."""
    # A border of nodes marked as done, so that no neighbour needs a bounds check.
    flat, cost = np.pad(phase, 1).ravel().tolist(), (-np.pad(quality, 1)).ravel().tolist()
    done = np.pad(~clear, 1, constant_values=True).ravel().tolist()
    columns = phase.shape[1] + 2
    row, column = divmod(int(np.where(clear, quality, -1).argmax()), phase.shape[1])
    start = (row + 1) * columns + column + 1
    heap = [(cost[start], start, flat[start])]
    done[start] = not clear[row, column]
    turn = 2 * np.pi
    push, pop = heapq.heappush, heapq.heappop
    while heap:
        _, node, near = pop(heap)
        if done[node]:
            continue
        done[node] = True
        flat[node] = near = flat[node] + turn * round((near - flat[node]) / turn)
        for other in (node + 1, node - 1, node + columns, node - columns):
            if not done[other]:
                push(heap, (cost[other], other, near))
    result = np.array(flat, np.float32).reshape(-1, columns)[1:-1, 1:-1]
    return np.where(clear, result, 0.0).astype(np.float32)


def filled(shifts: Float32s, clear: Bools) -> Float32s:
    """Extend shifts [2, row, column] smoothly to where no grid was seen: ever wider weighted means."""
    known = clear.astype(np.float32)
    result = np.where(clear, shifts, 0.0).astype(np.float32)
    planes = np.dstack([*result, known])
    missing = ~clear
    sigma = 1.0
    while missing.any() and sigma < max(clear.shape):
        *means, weight = np.moveaxis(cv2.GaussianBlur(planes, (0, 0), sigma), -1, 0)
        fresh = missing & (weight > 0.02)
        result[:, fresh] = np.stack(means)[:, fresh] / weight[fresh]
        missing &= ~fresh
        sigma *= 1.6
    return result
