"""The scripts that made `chat/weights`: evidence, then lessons, then reader, then calibrate."""
