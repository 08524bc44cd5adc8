"""The loss terms of a text stage; every one reads unit-norm rows."""

import torch
from torch import Tensor
from torch.nn import functional as F


def finding_loss(questions: Tensor, answers: Tensor, wanted: Tensor, scale: float) -> Tensor:
    """Cross-entropy of what each question finds among all answers, against what it should find.

    questions: [q, dim]; answers: [n, dim], pages or reports; wanted: rows of probabilities [q, n].
    """
    log_found = F.log_softmax(scale * questions @ answers.T, dim=1)
    return -(wanted * log_found).sum(1).mean()


def keeping_loss(now: Tensor, before: Tensor) -> Tensor:
    """Mean of 1 - cosine between where texts are and where they were, both [n, dim]."""
    return (1 - (now * before).sum(1)).mean()


def pair_loss(pages: Tensor, reports: Tensor, same: Tensor, scale: float) -> Tensor:
    """Page against report, both ways, among a step's pairs; equal reports (same, bool) are all right."""
    targets = same.float() / same.sum(1, keepdim=True)
    logits = scale * pages @ reports.T
    there, back = F.log_softmax(logits, dim=1), F.log_softmax(logits.T, dim=1)
    return -((targets * there).sum(1) + (targets * back).sum(1)).mean() / 2


def shares(rows: list[Tensor], weight: Tensor) -> Tensor:
    """Each question's rows as probabilities over all, [question, row]. weight: [row]."""
    wanted = torch.zeros(len(rows), len(weight))
    for line, some in zip(wanted, rows, strict=True):
        line[some] = weight[some] / weight[some].sum()
    return wanted
