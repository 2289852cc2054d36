import json
import sys
import urllib.request

order = {"token": "132321343dsfsdf", "project_id": 5786, "service": 1, "plan_id": 2}
request = urllib.request.Request(
    sys.argv[1] + "/app/api/v2/pm/change-billing",
    data=json.dumps(order).encode(),
    headers={"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as response:
    sys.stdout.write(response.read().decode())
