# Wrong: takes `amount_debited` for a string, as in the vendor's sample; by the vendor's table it is a number. With a number, the customer
# has paid when the client crashes.
import json
import os
import sys
from urllib.request import Request, urlopen

TOKEN = os.environ.get('BILLING_TOKEN') or os.environ.get('PICKY_EMULATOR_TOKEN')

order = {'token': TOKEN, 'project_id': 5786, 'service': 1, 'plan_id': 2}
request = Request('https://pickyassist.com/app/api/v2/pm/change-billing', json.dumps(order).encode(),
                  {'Content-Type': 'application/json'})
with urlopen(request, timeout=10) as response:
    answer = json.load(response)
if answer['status'] != 100:
    sys.exit(f'failed: {answer["message"]}')
print('upgraded for ' + answer['amount_debited'] + ' USD')
