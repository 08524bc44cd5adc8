"""The errors that ecgclip raises on purpose: each says what was found, what was expected and what to do."""


class EcgClipError(Exception):
    """An error that the caller can correct; base of all errors that ecgclip raises on purpose.

    Its message is one line: what was found, what was expected, what to do. The command line prints it and
    exits with 2.
    """


class RecordError(EcgClipError):
    """A record, or a folder or table of records, cannot be read as an ECG."""


class ImageError(EcgClipError):
    """A file cannot be read as an image at all (absent, empty, broken, too large)."""


class RefusedImageError(ImageError):
    """An image is no readable ECG; the command line exits with 3."""


class RefusedImageWarning(UserWarning):
    """A warning: one of many images was refused, and its row of vectors is NaN."""


class ConfigError(EcgClipError):
    """A setting is unknown, of the wrong type or out of range."""


class ModelError(EcgClipError):
    """Model files are missing, damaged or of another format."""


class IndexStoreError(EcgClipError):
    """An index is missing, half-written, locked, of a newer format or built with another model."""


class FilterError(EcgClipError):
    """A `--where` expression cannot be understood."""


class DownloadError(EcgClipError):
    """A public data set cannot be fetched."""


class MissingExtraError(EcgClipError):
    """A feature needs packages of an optional extra."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed and this needs it: type  pip install 'ecgclip[{extra}]'"
        )
