"""Pictures that are no ECG record: documents, charts, other recordings, teaching graphics, screens."""
