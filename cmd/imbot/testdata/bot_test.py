"""Tests a small bot against `imbot portal`, by HTTP and the standard library alone.

    python3 bot_test.py http://127.0.0.1:8024
"""

import http.server
import json
import sys
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

ADDRESS = ""


def request(method, url, body=None):
    """Makes a request with a JSON body, and returns the status and the JSON of the answer."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def control(method, path, body=None):
    """Asks the portal for something that no real portal does."""
    status, answer = request(method, ADDRESS + "/_imbottest/" + path, body)
    assert status == 200, (path, answer)
    return answer


class Bot:
    """The bot under test: it greets whoever adds it to a chat, answers what it is asked, and leaves when it is told."""

    def __init__(self, webhook, client_id, bot_id):
        self.webhook, self.client_id, self.bot_id = webhook, client_id, bot_id

    def call(self, method, **params):
        params.update({"BOT_ID": self.bot_id, "CLIENT_ID": self.client_id})
        status, answer = request("POST", self.webhook + method, params)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def leave(self, chat):
        """Leaves a chat, and is certain about it: an answer that was lost is followed by a look at the members."""
        try:
            self.call("imbot.chat.leave", CHAT_ID=chat)
        except (urllib.error.URLError, ConnectionError, json.JSONDecodeError):
            return self.bot_id not in self.call("imbot.chat.user.list", CHAT_ID=chat)
        return True

    def handle(self, form):
        event = form.get("event", "")
        dialog = form.get("data[PARAMS][DIALOG_ID]")
        if event == "ONIMBOTJOINCHAT":
            self.call("imbot.message.add", DIALOG_ID=dialog, MESSAGE="Hello")
        elif event == "ONIMBOTMESSAGEADD" and "bye" in form["data[PARAMS][MESSAGE]"]:
            self.leave(int(dialog.removeprefix("chat")))


class BotTest(unittest.TestCase):
    def setUp(self):
        control("POST", "reset")
        about = control("GET", "")
        self.bot = Bot(about["portals"][0]["webhook"], about["client_id"], about["bot"])
        bot = self.bot

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(200)
                self.end_headers()
                bot.handle(dict(urllib.parse.parse_qsl(body)))

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        control("PUT", "handler", {"url": "http://127.0.0.1:%d/" % self.server.server_port})

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def members(self, chat):
        return control("GET", "chats/%d" % chat)["members"]

    def test_greets_and_leaves(self):
        control("PUT", "chats/77", {"title": "Project", "owner": 1, "members": [1]})
        control("POST", "events", {"kind": "join", "chat": 77, "bot": self.bot.bot_id})
        texts = [m["text"] for m in control("GET", "chats/77/messages")["messages"]]
        self.assertEqual(texts, ["Hello"])
        control("POST", "events", {"kind": "message", "chat": 77, "bot": self.bot.bot_id, "text": "bye"})
        self.assertEqual(self.members(77), [1])
        calls = control("GET", "calls?method=imbot.chat.leave")
        self.assertEqual(calls["count"], 1)
        self.assertEqual(calls["calls"][0]["params"]["CHAT_ID"], 77)
        events = [d["event"] for d in control("GET", "deliveries")["deliveries"]]
        self.assertEqual(events, ["ONIMBOTJOINCHAT", "ONIMBOTMESSAGEADD"])

    def test_a_lost_answer(self):
        control("POST", "faults", {"method": "imbot.chat.leave", "faults": [{"kind": "lose_after"}]})
        self.assertTrue(self.bot.leave(13))
        self.assertNotIn(self.bot.bot_id, self.members(13))
        control("POST", "faults", {"method": "imbot.chat.leave", "faults": [{"kind": "truncate", "bytes": 5}]})
        self.assertEqual(control("GET", "unmet")["unmet"], ["Fault: 1 of 2 faults for imbot.chat.leave were met"])

    def test_refusals(self):
        control("PUT", "chats/78", {"kind": "crm", "owner": self.bot.bot_id, "members": [self.bot.bot_id]})
        with self.assertRaisesRegex(RuntimeError, "LEAVE_OWNER_FORBIDDEN"):
            self.bot.leave(78)
        control("POST", "answers", {"method": "imbot.chat.leave", "answers": [{"status": 503, "error": "OVERLOAD_LIMIT"}]})
        with self.assertRaisesRegex(RuntimeError, "OVERLOAD_LIMIT"):
            self.bot.leave(13)
        control("POST", "answers", {"method": "imbot.chat.leave", "answers": []})
        self.assertTrue(self.bot.leave(13))

    def test_a_batch(self):
        control("POST", "faults", {"method": "imbot.chat.leave", "faults": [{"kind": "inside_200", "code": "INTERNAL"}]})
        command = "imbot.chat.leave?" + urllib.parse.urlencode({"CHAT_ID": 13, "BOT_ID": self.bot.bot_id, "CLIENT_ID": self.bot.client_id})
        result = self.bot.call("batch", cmd={"a": command, "b": command})
        self.assertEqual(result["result_error"]["a"]["error"], "INTERNAL")
        self.assertEqual(result["result"], {"b": True})

    def test_a_token_that_expires(self):
        endpoint = control("GET", "")["portals"][0]
        issued = control("POST", "tokens", {})
        ask = {"CHAT_ID": 13, "auth": issued["access_token"]}
        self.assertEqual(request("POST", endpoint["endpoint"] + "imbot.chat.user.list", ask)[0], 200)
        control("POST", "tokens/expire", {"token": issued["access_token"]})
        status, answer = request("POST", endpoint["endpoint"] + "imbot.chat.user.list", ask)
        self.assertEqual((status, answer["error"]), (401, "expired_token"))
        about = control("GET", "")
        renewal = urllib.parse.urlencode({
            "grant_type": "refresh_token", "client_id": about["app"], "client_secret": about["app_secret"],
            "refresh_token": issued["refresh_token"],
        })
        with urllib.request.urlopen(endpoint["token_url"] + "?" + renewal, timeout=10) as answer:
            renewed = json.load(answer)
        ask["auth"] = renewed["access_token"]
        self.assertEqual(request("POST", renewed["client_endpoint"] + "imbot.chat.user.list", ask)[0], 200)


if __name__ == "__main__":
    ADDRESS = sys.argv.pop(1)
    unittest.main()
