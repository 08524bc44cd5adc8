"""The training of the sheet reader, the small network behind `ecgclip.photo.flat.network`."""
