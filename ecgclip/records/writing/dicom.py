"""A record as a DICOM object, 12-Lead ECG Waveform Storage, by the package pydicom.

Format: DICOM PS3.3 A.34.3 and C.10.9; leads by the codes of context group 3001.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecgclip.errors import RecordError
from ecgclip.files import one_line
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.writing.steps import GAP, in_steps, microvolts_per_step
from ecgclip.records.writing.writers import Notes
from ecgclip.units import LEADS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_RATES_HZ: Final = (200.0, 1000.0)
_MOST_SAMPLES: Final = 16384
"""What the standard allows for this kind of object."""
_CODES: Final = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
"""Of SCP-ECG, in the order of `LEADS`: `5.6.3-9-1` is lead I."""
_SEXES: Final = {"female": "F", "male": "M"}
_LONGEST_NOTE: Final = 1024


def write_dicom(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Write one group of twelve channels, 16 bits, in µV; a gap is the waveform padding value, -32768.

    Notes and warnings are annotations. Sex and age are kept, the report and who the patient is stay behind.
    The date of the recording is not known and left empty; the numbers of study, series and object follow from
    the record, so that the same record gives the same ones.
    Errors: RecordError for what this kind of object cannot hold.
    """
    from pydicom.uid import ExplicitVRLittleEndian

    _check(ecg)
    whole = _about(ecg)
    whole.WaveformSequence = [_waveform(ecg)]
    whole.WaveformAnnotationSequence = [*_annotations(ecg, notes)]
    whole.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    whole.save_as(path, enforce_file_format=True)


def _check(ecg: Ecg) -> None:
    samples = ecg.signal_mv.shape[1]
    low, high = _RATES_HZ
    if not low <= ecg.rate_hz <= high or samples > _MOST_SAMPLES:
        most = f"at most {_MOST_SAMPLES} at {low:g} to {high:g} Hz"
        raise RecordError(
            f"{samples} samples at {ecg.rate_hz:g} Hz; a DICOM object of 12 leads holds {most}; write .hea"
        )


def _about(ecg: Ecg) -> "Dataset":
    """Object, patient, study, series and device."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import TwelveLeadECGWaveformStorage, generate_uid

    import ecgclip

    now = datetime.now()
    study, series, own = (
        generate_uid(entropy_srcs=[content_hash(ecg), part]) for part in ("study", "series", "own")
    )
    whole = Dataset()
    whole.file_meta = FileMetaDataset()
    whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID = TwelveLeadECGWaveformStorage
    whole.file_meta.MediaStorageSOPInstanceUID = whole.SOPInstanceUID = own
    whole.SpecificCharacterSet = "ISO_IR 192"
    whole.StudyInstanceUID, whole.SeriesInstanceUID = study, series
    whole.Modality, whole.Manufacturer, whole.SoftwareVersions = "ECG", "ecgclip", ecgclip.__version__
    whole.ContentDate, whole.ContentTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    whole.SeriesNumber = whole.InstanceNumber = 1
    for unknown in ("AcquisitionDateTime", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"):
        setattr(whole, unknown, "")
    whole.ReferringPhysicianName = whole.PatientName = whole.PatientID = whole.PatientBirthDate = ""
    whole.PatientSex = _SEXES.get(ecg.sex or "", "")
    if ecg.age is not None:
        whole.PatientAge = f"{min(int(ecg.age), 999):03d}Y"
    whole.AcquisitionContextSequence = []
    return whole


def _waveform(ecg: Ecg) -> "Dataset":
    from pydicom.dataset import Dataset

    step_uv = microvolts_per_step(ecg.signal_mv)
    steps = in_steps(ecg.signal_mv, 1000 / step_uv)
    group = Dataset()
    group.WaveformOriginality = "DERIVED"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = steps.shape
    group.SamplingFrequency = f"{ecg.rate_hz:g}"
    group.ChannelDefinitionSequence = [
        _channel(lead, code, step_uv) for lead, code in zip(LEADS, _CODES, strict=True)
    ]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.add_new(0x5400100A, "OW", GAP.to_bytes(2, "little", signed=True))  # waveform padding value
    group.add_new(0x54001010, "OW", steps.T.tobytes())  # waveform data
    return group


def _channel(lead: str, code: int, step_uv: int) -> "Dataset":
    from pydicom.dataset import Dataset

    channel = Dataset()
    channel.ChannelLabel = lead
    channel.ChannelSourceSequence = [_coded(f"5.6.3-9-{code}", "SCPECG", "1.3", f"Lead {lead}")]
    channel.ChannelSensitivity = f"{step_uv}"
    channel.ChannelSensitivityUnitsSequence = [_coded("uV", "UCUM", "1.4", "microvolt")]
    channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = "1", "0"
    channel.ChannelSampleSkew = "0"
    channel.WaveformBitsStored = 16
    return channel


def _coded(value: str, scheme: str, version: str, meaning: str) -> "Dataset":
    from pydicom.dataset import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = value, scheme
    code.CodingSchemeVersion, code.CodeMeaning = version, meaning
    return code


def _annotations(ecg: Ecg, notes: Notes) -> Iterator["Dataset"]:
    from pydicom.dataset import Dataset

    told = [f"{key}: {value}" for key, value in notes.items() if value not in (None, "")]
    for words in (*told, *ecg.warnings):
        note = Dataset()
        note.ReferencedWaveformChannels = [1, 0]
        note.AnnotationGroupNumber = 0
        note.UnformattedTextValue = one_line(words)[:_LONGEST_NOTE]
        yield note
