import sys
import urllib.request

_, url, body = sys.argv
with urllib.request.urlopen(url, body.encode()) as response:
    sys.stdout.write(response.read().decode())
