"""The training loop of the contrastive stage, to be read from top to bottom."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import torch
from timm.layers.patch_dropout import PatchDropout
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from ecgclip.config import save_config
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.errors import ConfigError, ModelError
from ecgclip.training.cache import SignalCache, check_records
from ecgclip.training.contrastive.data import Batch, BatchMaker
from ecgclip.training.contrastive.photo_views import PhotoPool
from ecgclip.training.contrastive.settings import FILE, ContrastiveTraining
from ecgclip.training.contrastive.step import TrainingStep
from ecgclip.training.contrastive.teachers import Teachers, check_teachers_folds
from ecgclip.training.distributed import rank_and_world, seed_dropout, training_device
from ecgclip.training.optimizer import parameter_groups, warmup_cosine
from ecgclip.training.prefetch import prefetched
from ecgclip.training.run_folder import LogLine, Progress, check_settings, load_checkpoint, save_checkpoint
from ecgclip.training.texts import LabelledText
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.model import EcgClip
from ecgclip.training.validate import embed_pages, validation_ndcg
from ecgclip.typing import Rows, Vectors

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Embed: TypeAlias = Callable[[EcgClip, SignalCache, Rows], Vectors]
Trained = TypeVar("Trained", bound=EcgClip)


def train(
    config: ContrastiveTraining,
    cache: SignalCache,
    tokenizer: ReportTokenizer,
    out: Path,
    extra_texts: Sequence[LabelledText] = (),
    pool: PhotoPool | None = None,
    *,
    resume: bool = False,
    log: LogLine = lambda line: None,
) -> EcgClip:
    """Train and write `out/last` (the averaged weights), `out/checkpoint.pt` and TensorBoard events.

    Under torchrun every process calls this; process 0 writes. Returns the averaged model.
    """
    rank, world = begin(config, out, resume=resume)
    teachers = checked_teachers(config)
    step = training_step(config, teachers.dim if teachers else 0)
    if teachers:
        teachers.check(step.model.config.statements)
    batches = BatchMaker(
        config, step.model.config, cache, tokenizer, extra_texts, pool, teachers, rank, world
    )
    return fit(step, batches, out, resume=resume, log=log)


def begin(config: ContrastiveTraining, out: Path, *, resume: bool = False) -> tuple[int, int]:
    """Seed the run; returns this process's rank and how many processes there are.

    Errors: ConfigError where a run is resumed with other settings.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    rank, world = rank_and_world()
    if resume and rank == 0:
        check_settings(config, out / FILE)
    return rank, world


def checked_teachers(config: ContrastiveTraining) -> Teachers | None:
    """The configured teachers, if any; ConfigError where one was trained on another fold than the run."""
    folders = config.distillation.teachers
    check_teachers_folds(folders, config.folds)
    return Teachers.load(folders) if folders else None


def fit(
    step: TrainingStep,
    batches: BatchMaker,
    out: Path,
    embed: Embed = embed_pages,
    *,
    resume: bool = False,
    log: LogLine = lambda line: None,
) -> EcgClip:
    """Run the epochs, given the model, its losses and its batches. embed: for validation."""
    config, rank = batches.config, batches.rank
    learner = Learner(step, config, batches.world)
    progress = learner.resume(out) if resume else Progress()
    check_batches(batches)
    writer = begin_folder(config, out) if rank == 0 else None
    warmup = config.warmup_epochs / config.epochs
    for epoch in range(progress.epoch, config.epochs):
        seed_dropout(config.seed, epoch, rank)
        terms: dict[str, Tensor] = {}
        drawn = prefetched(batches.epoch(epoch))
        title = f"epoch {epoch + 1}/{config.epochs}"
        for at, batch in enumerate(tqdm(drawn, title, batches.steps_per_epoch, disable=rank > 0 or None)):
            done = (epoch + at / batches.steps_per_epoch) / config.epochs
            terms = learner.step(batch, config.learning_rate * warmup_cosine(done, warmup))
            if writer and at % 10 == 0:
                for name, term in terms.items():
                    writer.add_scalar(f"loss/{name}", term.item(), epoch * batches.steps_per_epoch + at)
        last = epoch + 1 == config.epochs
        if writer and (last or (epoch + 1) % config.valid_every == 0):
            line = f"epoch {epoch + 1}: " + " ".join(f"{name} {float(v):.4f}" for name, v in terms.items())
            ndcg = validate(learner.averaged, batches.cache, config, embed)
            if ndcg is not None:
                writer.add_scalar("valid/ndcg@10", ndcg, (epoch + 1) * batches.steps_per_epoch)
                line += f" | ndcg@10 {ndcg:.4f}"
            log(line)
            save_model(learner.averaged, batches.tokenizer, out / "last")
            learner.save(out, Progress(epoch + 1))
    return learner.finished()


def validate(
    model: EcgClip, cache: SignalCache, config: ContrastiveTraining, embed: Embed = embed_pages
) -> float | None:
    """nDCG@10 of the validation fold in the training folds; None without statements to judge by."""
    was_training = model.training
    model.eval()
    ndcg = validation_ndcg(lambda rows: embed(model, cache, rows), cache, config.folds, config.valid_fold)
    model.train(was_training)
    return ndcg


def check_batches(batches: BatchMaker) -> None:
    """RecordError where not one batch is full, ConfigError where the processes cannot share one evenly."""
    config = batches.config
    check_records(len(batches.train_rows), config.folds, config.batch_size)
    if config.batch_size % batches.world or config.text_batch_size % batches.world:
        raise ConfigError(
            f"batch_size {config.batch_size} and text_batch_size {config.text_batch_size}; "
            f"expected multiples of the {batches.world} processes"
        )


def training_step(config: ContrastiveTraining, teacher_dim: int = 0) -> TrainingStep:
    """The configured model and its losses; teacher_dim: width of the teachers' vectors, 0 without."""
    return TrainingStep(prepared(initial_model(config), config), config.losses, teacher_dim)


def initial_model(config: ContrastiveTraining) -> EcgClip:
    """The model before the first step: random, trained before, or random with a trained image tower."""
    if config.init_from:
        return load_model(Path(config.init_from))[0]
    model = EcgClip(config.model)
    if config.init_image_from:
        copy_image_tower(model, load_model(Path(config.init_image_from))[0], config.init_image_from)
    return model


def copy_image_tower(model: EcgClip, trained: EcgClip, folder: str) -> None:
    """Copy the image tower of the trained model in `folder`; ConfigError where the shapes differ."""
    if (trained.config.image, trained.config.dim) != (model.config.image, model.config.dim):
        raise ConfigError(
            f"the image tower in {folder} is of another shape than the configured one; "
            "expected equal [model.image] and dim"
        )
    model.image.load_state_dict(trained.image.state_dict())
    model.image_projection.load_state_dict(trained.image_projection.state_dict())


def prepared(model: Trained, config: ContrastiveTraining) -> Trained:
    """The model ready for training: memory laid out for convolutions, and patch dropout."""
    # Convolutions of bf16 want their channels side by side: a seventh more pages a second.
    model.image.patch_embed.to(memory_format=torch.channels_last)
    if config.patch_dropout:
        # A different part of the page at every step: less to compute and a strong regulariser.
        model.image.patch_drop = PatchDropout(config.patch_dropout, num_prefix_tokens=0)
    return model


class Learner:
    """The model being trained, its running average and its optimiser."""

    def __init__(self, step: TrainingStep, config: ContrastiveTraining, world: int = 1) -> None:
        self.config = config
        self.device = training_device()
        self.module = step.to(self.device).train()
        self.parallel: nn.Module = DistributedDataParallel(self.module) if world > 1 else self.module
        self.average = AveragedModel(self.module, avg_fn=self._averaged)
        groups = parameter_groups(self.module, config.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, config.learning_rate, betas=(0.9, 0.98))

    @property
    def averaged(self) -> EcgClip:
        """The model with the running average of the weights."""
        step_module: Any = self.average.module
        model: EcgClip = step_module.model
        return model

    def step(self, batch: Batch, learning_rate: float) -> dict[str, Tensor]:
        """Learn from one batch; returns the loss terms."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        with self.device, torch.autocast(self.device.type, torch.bfloat16):
            terms: dict[str, Tensor] = self.parallel(batch)
        terms["total"].backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.module.parameters(), self.config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update_parameters(self.module)
        return {name: term.detach() for name, term in terms.items()}

    def save(self, out: Path, progress: Progress) -> None:
        """Write the checkpoint."""
        save_checkpoint(
            out,
            progress,
            model=self.module.state_dict(),
            average=self.average.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )

    def resume(self, out: Path) -> Progress:
        """Take over the checkpoint in `out`; returns how many epochs are done."""
        progress, states = load_checkpoint(out)
        try:
            self.module.load_state_dict(states["model"])
            self.average.load_state_dict(states["average"])
            self.optimizer.load_state_dict(states["optimizer"])
        except (RuntimeError, ValueError, KeyError):
            raise ModelError(
                f"the checkpoint in {out} is of another model; give the configuration and the data that the "
                "run began with, or leave out --resume"
            ) from None
        return progress

    def finished(self) -> EcgClip:
        """The averaged model without patch dropout, in evaluation mode, on the CPU."""
        nothing_dropped: Any = nn.Identity()
        self.averaged.image.patch_drop = nothing_dropped
        return self.averaged.eval().cpu()

    def _averaged(self, old: Tensor, new: Tensor, updates: Tensor | int) -> Tensor:
        # Early on the average runs over all steps so far, later over the last 1 / (1 - decay).
        return old + (new - old) * max(1 - self.config.ema_decay, 1 / (int(updates) + 10))


def begin_folder(config: ContrastiveTraining, out: Path) -> "SummaryWriter":
    """Make the run's folder with its settings; returns what writes TensorBoard events to `out/board`."""
    from torch.utils.tensorboard.writer import SummaryWriter

    out.mkdir(parents=True, exist_ok=True)
    save_config(config, out / FILE)
    return SummaryWriter(str(out / "board"))
