# Wrong: takes a time-out for a failure, and tells the customer that nothing was charged. It may have been.
import json
import os
import sys
from urllib.request import Request, urlopen

TOKEN = os.environ.get('BILLING_TOKEN') or os.environ.get('PICKY_EMULATOR_TOKEN')
TIMEOUT = int(os.environ.get('BILLING_TIMEOUT', '10000')) / 1000

order = {'token': TOKEN, 'project_id': 5786, 'service': 1, 'plan_id': 2}
request = Request('https://pickyassist.com/app/api/v2/pm/change-billing', json.dumps(order).encode(),
                  {'Content-Type': 'application/json'})
try:
    with urlopen(request, timeout=TIMEOUT) as response:
        answer = json.load(response)
except TimeoutError:
    sys.exit('Something went wrong. You have not been charged.')
if answer['status'] != 100:
    sys.exit(f'failed: {answer["message"]}')
print('upgraded')
