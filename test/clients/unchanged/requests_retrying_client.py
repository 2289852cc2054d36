import sys
import requests
from requests.adapters import HTTPAdapter

_, url, body = sys.argv
session = requests.Session()
session.mount(url, HTTPAdapter(max_retries=3))
try:
    sys.stdout.write(session.post(url, data=body).text)
except requests.ConnectionError:
    sys.exit('lost')
