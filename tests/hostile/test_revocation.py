"""Users who lose their right in the middle of a connection, with two servers, and a third process that takes it."""

import http.cookiejar
import time
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from rest_framework_simplejwt.tokens import AccessToken

from chanx.close_codes import CloseCode
from demo.seed import ALICE
from tests.hostile.conftest import Hostile, assert_no_failure, counts, log_since
from tests.hostile.raw import ClosedError, RawClient
from tests.servers import RedisServer, Server, ServerKind, Servers, Shell

USERS: Final = "/ws/guarded/users/"
TOUCH: Final = '{"action":"touch"}'
TOUCHED: Final = {"action": "touched", "payload": "touched"}

#: Within which every process must have closed.
SECONDS: Final = 5


@pytest.fixture(scope="module")
def cluster(servers: Servers, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Server]:
    """uvicorn and daphne with one database and one layer."""
    kinds: tuple[ServerKind, ServerKind] = ("uvicorn", "daphne")
    database = str(tmp_path_factory.mktemp("shared") / "shared.sqlite3")
    first, second = (servers.start(kind, channel_layer=redis.url, DJANGO_DEBUG="0", DEMO_DB=database) for kind in kinds)
    return first, second


@pytest.fixture(scope="module")
def shell(cluster: tuple[Server, Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with Shell(cluster[0], tmp_path_factory.mktemp("shell") / "shell.log") as shell:
        yield shell


class User:
    """A user of the project, made for one test."""

    def __init__(self, shell: Shell, name: str) -> None:
        self.name = name
        self._shell = shell
        self.token: str = self.run(
            "user = User.objects.create_user(name, password='secret'); answer = Token.objects.create(user=user).key"
        )

    def run(self, text: str) -> Any:
        """Executes something with ``user`` in the third process."""
        return self._shell.run(
            "import chanx; from django.contrib.auth.models import User;"
            "from rest_framework.authtoken.models import Token;"
            f"name = {self.name!r}; user = User.objects.filter(username=name).first(); {text}"
        )

    def log_in(self, server: Server) -> bytes:
        return f"Cookie: {server.log_in(self.name, 'secret')}\r\nOrigin: {server.origin}".encode()

    @property
    def header(self) -> bytes:
        return f"Authorization: Token {self.token}".encode()


@pytest.fixture
def user(shell: Shell) -> User:
    return User(shell, f"user{time.monotonic_ns()}")


@pytest.fixture
def other(shell: Shell) -> User:
    return User(shell, f"other{time.monotonic_ns()}")


@contextmanager
def connected(*connections: tuple[Server, bytes]) -> Generator[list[RawClient]]:
    """Clients that were let in. The servers must not fail meanwhile."""
    starts = {server.log: server.log.stat().st_size for server, _ in connections}
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server, USERS, header)) for server, header in connections]
        for client in clients:
            assert client.receive()["payload"]["status_code"] == 200
        yield clients
    for server, _ in connections:
        assert_no_failure(log_since(server, starts[server.log]))


def closed(client: RawClient) -> int | None:
    """The code with which a client is closed in time."""
    client.set_patience(SECONDS)
    with pytest.raises(ClosedError) as error:
        client.receive()
    return error.value.code


def serves(client: RawClient) -> None:
    client.send(TOUCH)
    assert client.receive() == TOUCHED


CHANGES: Final = {
    "password": "user.set_password('another'); user.save()",
    "deactivation": "user.is_active = False; user.save()",
    "deletion": "user.delete()",
    "token": "user.auth_token.delete()",
    "word": "chanx.disconnect(user)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_case_36_password_change_and_the_like_close_on_every_process(
    change: str, cluster: tuple[Server, Server], user: User, other: User
) -> None:
    first, second = cluster
    with connected((first, user.header), (second, user.header), (second, user.header), (first, other.header)) as (
        *clients,
        others,
    ):
        user.run(CHANGES[change])
        assert [closed(client) for client in clients] == [4401] * 3
        serves(others)


def test_case_36_logout_closes_the_sockets_of_its_session(cluster: tuple[Server, Server], user: User) -> None:
    """And neither those of another session, nor those of a token."""
    first, second = cluster
    session, another = user.log_in(first), user.log_in(second)
    ours = session.replace(first.origin.encode(), second.origin.encode())
    with connected((first, session), (second, ours), (second, another), (first, user.header)) as clients:
        _log_out(first, session)
        assert [closed(client) for client in clients[:2]] == [4401] * 2
        for client in clients[2:]:
            serves(client)


def _log_out(server: Server, header: bytes) -> None:
    cookie = header.decode().removeprefix("Cookie: ").partition("\r\n")[0]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": "a" * 32}).encode()
    headers = {"cookie": f"{cookie}; csrftoken={'a' * 32}"}
    request = urllib.request.Request(server.http("/api-auth/logout/"), form, headers, method="POST")
    with opener.open(request, timeout=10) as page:
        page.read()


def test_case_36_a_save_that_changes_nothing_closes_nothing(cluster: tuple[Server, Server], user: User) -> None:
    with connected((cluster[0], user.header), (cluster[1], user.header)) as clients:
        user.run("user.first_name = 'Alice'; user.save()")
        user.run("user.groups.clear()")
        # Behind this one, nothing more can come from before it.
        user.run("chanx.disconnect(User.objects.create_user('nobody' + name))")
        for client in clients:
            serves(client)


def test_case_36_the_word_of_the_application(cluster: tuple[Server, Server], user: User) -> None:
    with connected((cluster[0], user.header), (cluster[1], user.header)) as clients:
        user.run("chanx.disconnect(user, code=4403)")
        assert [closed(client) for client in clients] == [4403] * 2


def test_case_36_nothing_is_handled_any_more(cluster: tuple[Server, Server], user: User) -> None:
    """A client that answers no close frame, and sends on."""
    first, _ = cluster
    with connected((first, user.header)) as (client,):
        serves(client)
        before = counts(first)["touched behind a guard"]
        user.run("user.is_active = False; user.save()")
        assert closed(client) == 4401
        for _ in range(20):
            client.send(TOUCH)
        assert counts(first)["touched behind a guard"] == before


KNOW: Final = (
    "from django.contrib.auth.models import Group; user.groups.add(Group.objects.get_or_create(name='in the know')[0])"
)
#: Of which no signal tells.
FORGET: Final = "User.groups.through.objects.filter(user=user).delete()"


def test_case_37_permission_revoked(cluster: tuple[Server, Server], user: User, other: User) -> None:
    """The next group message is withheld, in whatever process its reader is."""
    first, second = cluster
    user.run(KNOW)
    other.run(KNOW)
    with ExitStack() as stack:
        teller, *readers = (
            stack.enter_context(RawClient(server, "/ws/guarded/secrets/", header))
            for server, header in ((first, user.header), (first, other.header), (second, other.header))
        )
        for client in (teller, *readers):
            assert client.receive()["payload"]["status_code"] == 200
        teller.send('{"action":"touch","payload":"one"}')
        for reader in readers:
            assert reader.receive()["payload"] == "one"
        other.run(FORGET)
        teller.send('{"action":"touch","payload":"two"}')
        assert [closed(reader) for reader in readers] == [4403] * 2
        assert [teller.receive()["payload"] for _ in range(2)] == ["one", "two"]


def test_case_36_over_the_other_layer_of_redis(
    servers: Servers, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    layer = redis.url.replace("redis", "redis+pubsub", 1)
    server = servers.start("uvicorn", channel_layer=layer, DJANGO_DEBUG="0")
    with Shell(server, tmp_path_factory.mktemp("shell") / "shell.log") as shell:
        user = User(shell, f"user{time.monotonic_ns()}")
        with connected((server, user.header)) as (client,):
            user.run("user.is_active = False; user.save()")
            assert closed(client) == 4401


def test_case_36_what_sends_no_signal_is_found_by_the_recheck(
    kind: ServerKind, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without any layer, too."""
    server = servers.start(kind, chanx={"SESSION_RECHECK_SECONDS": 1.0}, DJANGO_DEBUG="0", REPLICA="recheck")
    with Shell(server, tmp_path_factory.mktemp("shell") / "shell.log") as shell:
        user, other = User(shell, f"user{time.monotonic_ns()}"), User(shell, f"other{time.monotonic_ns()}")
        with connected((server, user.header), (server, other.header)) as (client, others):
            user.run("User.objects.filter(username=name).update(is_active=False)")
            assert closed(client) == 4401
            serves(others)


def test_case_35_a_token_expires_in_the_middle_of_a_connection(any_server_with_grace: Server) -> None:
    """After the grace, and not before: the client has time to come back with another one."""
    token = AccessToken()
    token["user_id"] = "7"
    begin = time.time()
    token.set_exp(lifetime=timedelta(seconds=2))
    header = f"Authorization: Bearer {token}".encode()
    with Hostile.at(any_server_with_grace, "/ws/guarded/jwt/", header) as hostile:
        assert hostile.client.receive()["payload"]["status_code"] == 200
        assert hostile.ask(TOUCH) == TOUCHED
        hostile.client.set_patience(10)
        with pytest.raises(ClosedError) as error:
            hostile.client.receive()
        assert error.value.code == 4401
        # exp is a whole second.
        assert time.time() - begin >= 2
    with Hostile.at(any_server_with_grace, "/ws/guarded/jwt/", header) as hostile:
        assert hostile.client.receive()["payload"]["status_code"] == 401


@pytest.fixture
def any_server_with_grace(kind: ServerKind, servers: Servers) -> Server:
    return servers.start(kind, chanx={"TOKEN_EXPIRY_GRACE_SECONDS": 1.0}, DJANGO_DEBUG="0")


def test_case_45_connections_per_user_over_the_cap(kind: ServerKind, servers: Servers) -> None:
    server = servers.start(kind, DJANGO_DEBUG="0")
    header = f"Authorization: Token {ALICE.token}".encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server, "/ws/guarded/few/", header)) for _ in range(3)]
        for client in clients:
            assert client.receive()["payload"]["status_code"] == 200
        for _ in range(20):
            with Hostile.at(server, "/ws/guarded/few/", header) as hostile:
                payload = hostile.client.receive()["payload"]
                assert (payload["status_code"], payload["data"]["retry_after"]) == (429, 30)
                with pytest.raises(ClosedError) as error:
                    hostile.client.receive()
                assert error.value.code == hostile.code(CloseCode.THROTTLED)
        clients[0].abort()
        _eventually_let_in(server, header)


def _eventually_let_in(server: Server, header: bytes) -> None:
    """A place becomes free when the server has noticed that one has gone."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with RawClient(server, "/ws/guarded/few/", header) as client:
            if client.receive()["payload"]["status_code"] == 200:
                return
        time.sleep(0.05)
    raise AssertionError("nobody is let in any more")
