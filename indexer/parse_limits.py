"""How much one file may ask of the process that parses it, and of those who take what it says.

Measured on a busy core with pypdf 7.1, trafilatura 2.3 and python-docx 1.2: a PDF of 900 full pages (7 MB) takes 12 s
and 55 MB, a web page of 4.3 MB 8 s and 220 MB, a Word file of 20,000 paragraphs (2.1 million characters, 0.1 MB) 20 s
and 30 MB; the process itself holds 120 MB. A bomb is small on disk, so the size of the file may raise what it gets.
"""

MEGABYTE = 1024 * 1024

# A file is read whole into memory before it is parsed.
MOST_FILE_BYTES = 256 * MEGABYTE

# What the parsing process may hold.
MEMORY_BYTES = 512 * MEGABYTE
MEMORY_PER_FILE_BYTE = 32
MOST_MEMORY_BYTES = 2048 * MEGABYTE

# Processor time for one file. Time on the clock counts only where the system does not limit the processor's, and as a
# last resort: a busy machine must not make a good file unreadable.
CPU_SECONDS = 60
CPU_SECONDS_PER_MEGABYTE = 3
MOST_CPU_SECONDS = 180
CLOCK_PER_CPU = 10

# What the parts of a Word file declare to unpack to, as many times its own size; never less than the first figure.
MOST_UNPACKED_BYTES = 200 * MEGABYTE
MOST_UNPACKED_TIMES = 20

# What an article may hold: a thick novel has two million characters, and the steps after this one hold it several
# times over.
MOST_CHARACTERS = 20_000_000
MOST_BLOCKS = 1_000_000

# YAML or TOML above a text; a longer one is taken for text, for 60 KB of TOML can take its parser 9 s.
MOST_FRONT_MATTER = 16 * 1024

# Text of fewer bytes than this cannot explode, and is parsed where it is read.
SMALL_TEXT_BYTES = 256 * 1024

# A parsing process that nothing is asked of ends by itself, and its memory is free.
IDLE_SECONDS = 10.0
START_SECONDS = 60.0
MOST_IDLE = 2

# A reply is JSON in ASCII: the text at up to twelve bytes a character, and the blocks.
MOST_REPLY_BYTES = 512 * MEGABYTE
OUT_OF_MEMORY = 87  # the exit status that says so


def cpu_seconds(size: int) -> int:
    """Processor seconds that a file of `size` bytes may take."""
    return min(CPU_SECONDS + CPU_SECONDS_PER_MEGABYTE * (size // MEGABYTE), MOST_CPU_SECONDS)


def memory_bytes(size: int) -> int:
    """Bytes of memory that the parsing process may hold for a file of `size` bytes."""
    return min(MEMORY_BYTES + MEMORY_PER_FILE_BYTE * size, MOST_MEMORY_BYTES)


def unpacked_bytes(size: int) -> int:
    """Bytes that a Word file of `size` bytes may unpack to."""
    return max(MOST_UNPACKED_BYTES, MOST_UNPACKED_TIMES * size)
