"""An index in Milvus, for many chat servers. It is imported only where `--store milvus` asks for it.

client.py      the server: connecting, waiting, errors in one line
schema.py      the collections: passages, blobs, one for each generation; their rows
blobs.py       bytes of any size in rows, with checksums: records, layers, generations
layers.py      what each build changed: article entries and how many passages hold a term
models.py      the model for questions, kept with the index
generation.py  which generation is current, the switch to the next one, and what is removed after it
stock.py       what a build has to do
writer.py      writes articles: records and passages
build.py       the build
share.py       embedding on many machines, before the build
index.py       a generation as chat searches it
verify.py      every record and row held against the others
"""
