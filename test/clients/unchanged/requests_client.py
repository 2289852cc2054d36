import sys
import requests

_, url, body = sys.argv
sys.stdout.write(requests.post(url, data=body).text)
