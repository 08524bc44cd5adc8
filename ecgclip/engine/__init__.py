"""Where photo, encoders and retrieval meet: `Engine.query(image) -> Answer`, and `Session` for programs."""
