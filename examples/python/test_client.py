import json
import os
import re
import subprocess
import unittest
from urllib.request import Request, urlopen

from client import Refused, upgrade


class UpgradeTest(unittest.TestCase):
    """One emulator for the class, one account for each test: none sees another."""

    @classmethod
    def setUpClass(cls):
        cls.url = os.environ.get('PICKY_EMULATOR_URL')
        if cls.url is not None:
            return
        cls.emulator = subprocess.Popen(['picky-emulator', '--port', '0', '--log-level', 'silent'],
                                        stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.stop)
        listening = next(line for line in cls.emulator.stdout if 'listening' in line)
        cls.url = re.search(r'http://\S+', listening)[0]

    @classmethod
    def stop(cls):
        cls.emulator.terminate()
        cls.emulator.communicate()

    def setUp(self):
        account = control(self.url, 'POST', '/accounts', {'balance': '100', 'projects': [{'project_id': 1}]})
        self.token = account['token']
        self.path = f'/accounts/{account["name"]}'
        self.addCleanup(control, self.url, 'DELETE', self.path)

    def upgrade(self, plan_id):
        return upgrade(self.url, self.token, 1, plan_id)

    def account(self, method, path, body=None):
        return control(self.url, method, self.path + path, body)

    def amounts(self):
        return [entry['amount'] for entry in self.account('GET', '/ledger')['ledger']]

    def test_pays_from_the_wallet(self):
        self.account('PUT', '/clock', {'mode': 'frozen', 'at': '2020-06-16T12:00:00Z'})
        self.assertEqual(self.upgrade(2)['next_billing_date'], '2020-07-16T23:59:59+00:00')
        self.assertEqual(self.account('GET', '/wallet')['balance'], '95')

    def test_is_refused_where_a_thousandth_of_a_dollar_is_missing(self):
        self.account('POST', '/wallet', {'set': '4.999'})
        with self.assertRaises(Refused) as refusal:
            self.upgrade(2)
        self.assertEqual(refusal.exception.status, 403)
        self.assertEqual(self.account('GET', '/wallet')['balance'], '4.999')

    def test_works_until_the_api_is_switched_off(self):
        self.account('PUT', '/clock', {'mode': 'frozen', 'at': '2023-01-31T23:59:59Z'})
        self.upgrade(2)
        self.account('POST', '/clock/advance', {'to': 'disabled'})
        with self.assertRaises(Refused) as refusal:
            self.upgrade(3)
        self.assertEqual(refusal.exception.status, 101)

    def test_is_charged_once_when_the_answer_gets_lost_but_reports_a_failure(self):
        self.account('POST', '/faults', {'kind': 'connection_reset', 'when': 'after', 'times': 1})
        with self.assertRaisesRegex(Refused, 'already on plan_id 2'):
            self.upgrade(2)
        self.assertEqual(self.amounts(), ['100', '-5'])

    def test_would_be_charged_twice_if_the_api_sold_the_same_plan_again(self):
        self.account('PATCH', '/settings', {'assumptions': {'same-plan': 'charge-again'}})
        self.account('POST', '/faults', {'kind': 'connection_reset', 'when': 'after', 'times': 1})
        self.upgrade(2)
        self.assertEqual(self.amounts(), ['100', '-5', '-5'])

    def test_sends_what_is_documented_and_nothing_that_the_api_might_not_forgive(self):
        self.upgrade(2)
        name = self.path.removeprefix('/accounts/')
        [sent] = control(self.url, 'GET', f'/requests/wait?account={name}&endpoint=change-billing')['requests']
        self.assertEqual(sent['request']['body'], {'token': '[redacted]', 'project_id': 1, 'service': 1, 'plan_id': 2})
        self.assertEqual(sent['lint'], [])


def control(url, method, path, body=None):
    """Calls the control API, which takes and gives JSON."""
    request = Request(f'{url}/__admin{path}', method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header('Content-Type', 'application/json')
    with urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


if __name__ == '__main__':
    unittest.main()
