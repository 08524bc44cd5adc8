"""Zero-shot: classes told by the cosine between an ECG and phrases, without one label."""

from collections.abc import Iterator

from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.bench import Bench
from ecgclip.evaluation.classify.prompts import Embed, Words, class_vectors, read_prompts
from ecgclip.evaluation.classify.results import ZeroShot
from ecgclip.evaluation.metrics import Floats, cosine


def zero_shot(bench: Bench, vectors: Floats, embed: Embed) -> Iterator[ZeroShot]:
    """Macro AUROC of every label set by English phrases, German ones and both.

    vectors: unit vectors of the test cases, [case, dim]; embed: reports -> vectors of the same space.
    """
    for words in Words:
        for _, labels in bench.pairs:
            classes = class_vectors(read_prompts(labels.name), labels.classes, words, embed)
            scores = cosine(vectors[labels.counted], classes)
            auroc = macro_auroc(labels.truth[labels.counted], [scores], bench.weights[:, labels.counted])
            yield ZeroShot(labels.name, words, auroc.interval)
