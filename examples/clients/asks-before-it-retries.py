# Right: looks at the project before and after. Where an outcome is unclear it asks get-projects what was booked, and decides by that. It
# sends an order again only if nothing was booked and the connection is known to be over; after a time-out the order may still arrive.
import json
import os
import socket
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen

TOKEN = os.environ.get('BILLING_TOKEN') or os.environ.get('PICKY_EMULATOR_TOKEN')
TIMEOUT = int(os.environ.get('BILLING_TIMEOUT', '10000')) / 1000


class Unclear(Exception):
    """There is no answer that can be read."""


class StillOpen(Unclear):
    """Nor is it known whether the request is over."""


def call(endpoint, **fields):
    """Makes one call; gives its status, its message, and all of its answer."""
    request = Request(f'https://pickyassist.com/app/api/v2/pm/{endpoint}', json.dumps({'token': TOKEN, **fields}).encode(),
                      {'Content-Type': 'application/json'})
    try:
        with urlopen(request, timeout=TIMEOUT) as response:
            answer = json.load(response)
        return int(answer['status']), str(answer.get('message')), answer
    except TimeoutError as error:
        raise StillOpen('no answer in time') from error
    except URLError as error:
        timed_out = isinstance(error.reason, (TimeoutError, socket.timeout))
        raise (StillOpen if timed_out else Unclear)(str(error.reason)) from error
    except Exception as error:
        raise Unclear(str(error)) from error


def billing(project_id):
    """Tells what a project is billed for. It changes nothing, so it may be asked again."""
    for attempt in range(3):
        try:
            status, message, project = call('get-projects', project_id=project_id)
        except Unclear:
            continue
        if status != 100:
            sys.exit(f'refused: {message}')
        return project.get('billing_plan'), project.get('next_billing_date')
    sys.exit('the project can not be looked at, so its plan is unclear')


def upgrade(project_id, plan_id):
    before = billing(project_id)
    for attempt in range(2):
        over = True
        try:
            status, message, _ = call('change-billing', project_id=project_id, service=1, plan_id=plan_id)
            if status == 100:
                return
        except StillOpen as error:
            over, message = False, str(error)
            status = None
        except Unclear as error:
            status, message = None, str(error)
        # A refusal may be a mistake as well: what counts is what was booked.
        if billing(project_id) != before:
            return
        if status is not None or not over:
            break
    sys.exit(f'not upgraded, and nothing was booked so far: {message}')


upgrade(5786, 2)
print('upgraded')
