"""The vectors of sentences in few bytes: what each adds to the vector of its passage, with six bits a number.

A sentence's vector is the mean of its tokens' vectors out of its passage's own pass through the model, and so lies near
the passage's: at a cosine of about .9. So its angle to that is kept, in a byte, and its part at right angles, in 64
equal steps.
"""

import numpy as np

_HALF = 32
_ANGLE = np.float32(np.pi / 255)  # what a step of the angle is


def packed_size(dimension: int) -> int:
    """Bytes of one sentence."""
    return 1 + (dimension + 3) // 4 * 3


def packed(vectors: np.ndarray, passage_vectors: np.ndarray, passage_rows: np.ndarray) -> np.ndarray:
    """The `vectors` of an article's sentences, (n, dimension), each of length 1, as uint8 (n, `packed_size`).

    `passage_vectors` is (passages, dimension), of length 1; `passage_rows` are a `Record`'s.
    """
    own, near = vectors.astype(np.float32), _of_sentences(passage_vectors, passage_rows)
    cosines = (own * near).sum(axis=1, keepdims=True)
    angles = np.rint(np.arccos(np.clip(cosines, -1, 1)) / _ANGLE).astype(np.uint8)
    rest = own - cosines * near
    steps = np.abs(rest).max(axis=1, keepdims=True, initial=0) / _HALF
    levels = np.clip(np.floor(rest / np.where(steps == 0, 1, steps)), -_HALF, _HALF - 1) + _HALF
    return np.hstack([angles, _four_in_three(levels.astype(np.uint8))])


def unpacked(codes: np.ndarray, passage_vectors: np.ndarray, passage_rows: np.ndarray) -> np.ndarray:
    """The vectors that `packed` was given, float16 (n, dimension), each of length 1, at cosines of about .9999."""
    near, angles = _of_sentences(passage_vectors, passage_rows), codes[:, :1] * _ANGLE
    rest = _three_to_four(codes[:, 1:])[:, : near.shape[1]].astype(np.float32) - np.float32(_HALF - 0.5)
    rest *= np.sin(angles) / np.linalg.norm(rest, axis=1, keepdims=True)
    found = np.cos(angles) * near + rest
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float16)


def _of_sentences(passage_vectors: np.ndarray, passage_rows: np.ndarray) -> np.ndarray:
    """The vector of each sentence's passage, (sentences, dimension): passages hold all sentences, in order."""
    return np.repeat(passage_vectors, passage_rows[:, 3] - passage_rows[:, 2] + 1, axis=0)


def _four_in_three(numbers: np.ndarray) -> np.ndarray:
    """Numbers below 64, uint8 (n, m), four of them in three bytes."""
    count, size = numbers.shape
    a, b, c, d = np.moveaxis(np.pad(numbers, ((0, 0), (0, -size % 4))).reshape(count, (size + 3) // 4, 4), 2, 0)
    return np.stack([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d], axis=2).reshape(count, (size + 3) // 4 * 3)


def _three_to_four(codes: np.ndarray) -> np.ndarray:
    """The inverse of `_four_in_three`, with what fills the last three bytes."""
    count, size = codes.shape
    a, b, c = np.moveaxis(codes.reshape(count, size // 3, 3), 2, 0)
    four = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63]
    return np.stack(four, axis=2).reshape(count, size // 3 * 4)
