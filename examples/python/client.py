import json
from urllib.request import Request, urlopen


class Refused(Exception):
    """What the API has against a request."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def upgrade(base_url, token, project_id, plan_id):
    """Puts a project on a plan of Phone Automation. Tries once more when the connection breaks."""
    order = {'token': token, 'project_id': project_id, 'service': 1, 'plan_id': plan_id}
    request = Request(f'{base_url}/app/api/v2/pm/change-billing', json.dumps(order).encode(),
                      {'Content-Type': 'application/json'})
    try:
        answer = json.load(urlopen(request))
    except ConnectionError:
        answer = json.load(urlopen(request))
    if answer['status'] != 100:
        raise Refused(answer['status'], answer['message'])
    return answer
