"""The loss terms of the text stage; every one takes unit-norm rows."""

import torch
from torch import Tensor
from torch.nn import functional as F


def retrieval_loss(questions: Tensor, answers: Tensor, wanted: Tensor, scale: float) -> Tensor:
    """Cross-entropy between what each question finds among all answers and what it should find.

    questions: [q, dim]; answers: [n, dim], pages or reports; wanted: rows of probabilities [q, n].
    """
    log_found = F.log_softmax(scale * questions @ answers.T, dim=1)
    return -(wanted * log_found).sum(1).mean()


def anchor_loss(now: Tensor, before: Tensor) -> Tensor:
    """Mean cosine distance of texts from where they were before the stage, both [n, dim]."""
    return (1 - (now * before).sum(1)).mean()


def pair_loss(pages: Tensor, reports: Tensor, same: Tensor, scale: float) -> Tensor:
    """Page against report, both ways, among a step's pairs.

    same: bool [n, n], which reports are equal: all of them count as right for each other's pages.
    """
    targets = same.float() / same.sum(1, keepdim=True)
    logits = scale * pages @ reports.T
    to_report, to_page = F.log_softmax(logits, dim=1), F.log_softmax(logits.T, dim=1)
    return -((targets * to_report).sum(1) + (targets * to_page).sum(1)).mean() / 2


def shares(rows: list[Tensor], weight: Tensor) -> Tensor:
    """Each question's answers as probabilities over all records, [question, record].

    rows: the records that answer each question; weight: of each record, [record].
    """
    wanted = torch.zeros(len(rows), len(weight))
    for line, some in zip(wanted, rows, strict=True):
        line[some] = weight[some] / weight[some].sum()
    return wanted
