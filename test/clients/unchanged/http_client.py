import http.client
import sys
from urllib.parse import urlsplit

_, url, body = sys.argv
parts = urlsplit(url)
kind = http.client.HTTPSConnection if parts.scheme == 'https' else http.client.HTTPConnection
connection = kind(parts.netloc)
connection.request('POST', parts.path, body)
sys.stdout.write(connection.getresponse().read().decode())
