#!/bin/sh
# Wrong: takes HTTP 200 for success, and never looks at `status` in the body, where this API says that it has refused.
if curl --silent --fail --max-time 10 --output /dev/null https://pickyassist.com/app/api/v2/pm/change-billing \
  --header 'content-type: application/json' \
  --data "{\"token\":\"${BILLING_TOKEN:-$PICKY_EMULATOR_TOKEN}\",\"project_id\":5786,\"service\":1,\"plan_id\":2}"
then
  echo 'upgraded'
else
  echo 'not upgraded'
  exit 1
fi
