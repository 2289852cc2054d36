# Wrong: sends an order again after HTTP 5xx alone, as if a server that fails had booked nothing. Charges twice where it had.
import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TOKEN = os.environ.get('BILLING_TOKEN') or os.environ.get('PICKY_EMULATOR_TOKEN')


def create():
    order = {'token': TOKEN, 'project_name': 'second shop', 'service': 1, 'billing_plan': 2}
    request = Request('https://pickyassist.com/app/api/v2/pm/create-project', json.dumps(order).encode(),
                      {'Content-Type': 'application/json'})
    with urlopen(request, timeout=10) as response:
        return json.load(response)


try:
    try:
        answer = create()
    except HTTPError as error:
        if error.code < 500:
            raise
        answer = create()
except Exception as error:
    sys.exit(f'failed: {error}')
if answer['status'] != 100:
    sys.exit(f'failed: {answer["message"]}')
print(f'created project {answer["project_id"]}')
