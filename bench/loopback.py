"""The guard of whoever fetches from upstreams that are played on this machine."""

from ipaddress import ip_network

from feedserver.fetch import Guard

HERE = Guard(allow=(ip_network("127.0.0.1"),))
