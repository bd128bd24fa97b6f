#!/usr/bin/python3
"""A mail server on the loopback (aiosmtpd). Prints `listening PORT`, then each mail that it took as a line of JSON:
its envelope, and what Python's email package, reading strictly, makes of it.

    mail_server.py [--certificate FILE --key FILE [--implicit]] [--user NAME --password WORD] [--refuse REPLY]
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import AuthResult, SMTP


def part_of(part):
    return {"type": part.get_content_type(), "charset": part.get_content_charset(), "text": part.get_content(),
            "encoding": part["Content-Transfer-Encoding"], "defects": [repr(defect) for defect in part.defects]}


class Keeper:
    def __init__(self, options):
        self.options = options

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.options.refuse:
            return self.options.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.original_content
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        defects = [repr(defect) for defect in message.defects]
        for value in message.values():
            defects += [repr(defect) for defect in value.defects]
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "greeting": session.host_name,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.decode() if session.auth_data else None,
            "headers": [[name, str(value)] for name, value in message.items()],
            "lines": raw.decode("ascii", "replace").split("\r\n\r\n", 1)[0].split("\r\n"),
            "longest_line": max(len(line) for line in raw.split(b"\r\n")),
            "type": message.get_content_type(),
            "defects": defects,
            "parts": [part_of(part) for part in message.iter_parts()],
        }), flush=True)
        return "250 taken"


def authenticator(options):
    def authenticate(server, session, envelope, mechanism, data):
        success = (data.login, data.password) == (options.user.encode(), options.password.encode())
        return AuthResult(success=success, auth_data=data.login if success else None)
    return authenticate


async def serve(options, context):
    starttls = context is not None and not options.implicit
    asks = options.user is not None

    def conversation():
        return SMTP(Keeper(options), hostname="mail.example.org", tls_context=context if starttls else None,
                    require_starttls=starttls, auth_required=asks, auth_require_tls=not options.implicit,
                    authenticator=authenticator(options) if asks else None)

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0,
                                                           ssl=context if options.implicit else None)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--refuse")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    asyncio.run(serve(options, context))


main()
