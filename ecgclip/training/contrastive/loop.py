"""The training loop, to be read from top to bottom."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import torch
import torch.distributed as dist
from timm.layers.patch_dropout import PatchDropout
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from ecgclip.config import save_config
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.errors import ConfigError, ModelError, RecordError
from ecgclip.training.cache import SignalCache
from ecgclip.training.checkpoint import Progress, check_settings, load_checkpoint, save_checkpoint
from ecgclip.training.contrastive.data import Batch, BatchMaker, LabelledText, prefetched
from ecgclip.training.contrastive.photographs import PhotoPool
from ecgclip.training.contrastive.settings import TrainConfig
from ecgclip.training.contrastive.step import TrainingStep
from ecgclip.training.contrastive.teachers import Teachers, check_teachers_folds
from ecgclip.training.contrastive.validate import Embed, embed_rows, validate
from ecgclip.training.device import seed_dropout, training_device
from ecgclip.training.schedule import schedule
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.model import EcgClip

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Log = Callable[[str], None]
Trained = TypeVar("Trained", bound=EcgClip)
SETTINGS: Final = "train.toml"


def train(
    config: TrainConfig,
    cache: SignalCache,
    tokenizer: ReportTokenizer,
    out: Path,
    extra_texts: Sequence[LabelledText] = (),
    pool: PhotoPool | None = None,
    *,
    resume: bool = False,
    log: Log = lambda line: None,
) -> EcgClip:
    """Train and write `out/last` (the averaged weights), `out/checkpoint.pt` and TensorBoard events.

    Under torchrun every process calls this; process 0 writes. Returns the averaged model.
    """
    rank, world = begin(config, out, resume=resume)
    check_teachers_folds(config.teaching.teachers, config.folds)
    teachers = Teachers.load(config.teaching.teachers) if config.teaching.teachers else None
    step = training_step(config, teachers.dim if teachers else 0)
    if teachers:
        teachers.check(step.model.config.statements)
    batches = BatchMaker(
        config, step.model.config, cache, tokenizer, extra_texts, pool, teachers, rank, world
    )
    return fit(step, batches, out, resume=resume, log=log)


def begin(config: TrainConfig, out: Path, *, resume: bool = False) -> tuple[int, int]:
    """This process's rank and how many there are, seeded; ConfigError where a run would go on with others."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    if resume and rank == 0:
        check_settings(config, out / SETTINGS)
    return rank, world


def fit(
    step: TrainingStep,
    batches: BatchMaker,
    out: Path,
    embed: Embed = embed_rows,
    *,
    resume: bool = False,
    log: Log = lambda line: None,
) -> EcgClip:
    """The epochs of a run: what `train` does once model and batches are there. embed: for validation."""
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
            terms = learner.step(batch, config.learning_rate * schedule(done, warmup))
            if writer and at % 10 == 0:
                for name, term in terms.items():
                    writer.add_scalar(f"loss/{name}", term.item(), epoch * batches.steps_per_epoch + at)
        last = epoch + 1 == config.epochs
        if writer and (last or (epoch + 1) % config.valid_every == 0):
            figures = validate(learner.averaged, batches.cache, config, embed)
            for name, value in figures.items():
                writer.add_scalar(f"valid/{name}", value, (epoch + 1) * batches.steps_per_epoch)
            log(" | ".join(filter(None, (f"epoch {epoch + 1}: {in_words(terms)}", in_words(figures)))))
            save_model(learner.averaged, batches.tokenizer, out / "last")
            learner.save(out, Progress(epoch + 1))
    return learner.finished()


def check_batches(batches: BatchMaker) -> None:
    """RecordError where not one batch is full, ConfigError where the processes cannot share one evenly."""
    config = batches.config
    check_records(len(batches.train_rows), config.folds, config.batch_size)
    if config.batch_size % batches.world or config.text_batch_size % batches.world:
        raise ConfigError(
            f"batch_size {config.batch_size} and text_batch_size {config.text_batch_size}; "
            f"expected multiples of the {batches.world} processes"
        )


def check_records(records: int, folds: tuple[int, ...], batch_size: int) -> None:
    """RecordError where the records to train on are fewer than a batch."""
    if records < batch_size:
        raise RecordError(
            f"{records} records in the folds {folds}, fewer than a batch of {batch_size}; "
            "give more data or a smaller batch_size"
        )


def begun(config: TrainConfig) -> EcgClip:
    """The model to begin with: random weights, those of another run, or those of its image tower alone."""
    if config.start:
        return load_model(Path(config.start))[0]
    model = EcgClip(config.model)
    if config.image_start:
        take_image_tower(model, load_model(Path(config.image_start))[0], config.image_start)
    return model


def take_image_tower(model: EcgClip, other: EcgClip, folder: str) -> None:
    """Give the model the image tower of another, which lies in `folder`; ConfigError where shapes differ."""
    if (other.config.image, other.config.dim) != (model.config.image, model.config.dim):
        raise ConfigError(
            f"the image tower in {folder} is of another shape than the configured one; "
            "expected equal [model.image] and dim"
        )
    model.image.load_state_dict(other.image.state_dict())
    model.image_projection.load_state_dict(other.image_projection.state_dict())


def training_step(config: TrainConfig, taught_dim: int = 0) -> TrainingStep:
    """The configured model and its losses; taught_dim: width of the teachers' vectors, 0 without."""
    return TrainingStep(prepared(begun(config), config), config.losses, taught_dim)


def prepared(model: Trained, config: TrainConfig) -> Trained:
    """The model as it is trained: memory laid out for convolutions, pages thinned by patch dropout."""
    # Convolutions of bf16 want their channels side by side: a seventh more pages a second.
    model.image.patch_embed.to(memory_format=torch.channels_last)
    if config.patch_dropout:
        # A different part of the page at every step: less to compute and a strong regulariser.
        model.image.patch_drop = PatchDropout(config.patch_dropout, num_prefix_tokens=0)
    return model


class Learner:
    """The model being trained, its running average and its optimiser."""

    def __init__(self, step: TrainingStep, config: TrainConfig, world: int = 1) -> None:
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
        save_checkpoint(
            out,
            progress,
            model=self.module.state_dict(),
            average=self.average.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )

    def resume(self, out: Path) -> Progress:
        """Take the state of the checkpoint in `out`; the place to go on from."""
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
        """The averaged model, whole pages again, in evaluation mode, on the CPU."""
        whole: Any = nn.Identity()
        self.averaged.image.patch_drop = whole
        return self.averaged.eval().cpu()

    def _averaged(self, old: Tensor, new: Tensor, updates: Tensor | int) -> Tensor:
        # Early on the average runs over all steps so far, later over the last 1 / (1 - decay).
        return old + (new - old) * max(1 - self.config.ema_decay, 1 / (int(updates) + 10))


def begin_folder(config: TrainConfig, out: Path) -> "SummaryWriter":
    """The run's folder with its configuration; TensorBoard events go to `out/board`."""
    from torch.utils.tensorboard.writer import SummaryWriter

    out.mkdir(parents=True, exist_ok=True)
    save_config(config, out / SETTINGS)
    return SummaryWriter(str(out / "board"))


def in_words(figures: dict[str, Tensor] | dict[str, float]) -> str:
    return " ".join(f"{name} {float(value):.4f}" for name, value in figures.items())


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; biases, norms, embeddings of place and scales do not."""
    decays: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        (decays if parameter.ndim > 1 and "pos_embed" not in name else free).append(parameter)
    return [{"params": decays, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
