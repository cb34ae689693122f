"""A stand-in for a Hopsworks cluster, as far as its client 5.2.1 sees one: HTTPS, Arrow Flight, data on local disk.

It is no mock: the unmodified client logs in, makes feature groups, writes them with its own Delta writer, and reads
them back. It cannot show how HopsFS carries files, nor Spark, Kafka, OnlineFS and OpenSearch; and of what the server
checks it checks what is known. (Its folder is not called `hopsworks`: that would hide the client from the tests.)
"""
