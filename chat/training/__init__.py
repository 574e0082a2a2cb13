"""The scripts that made `chat/weights`: evidence, then reader, then calibrate."""
