"""What a user writes, and what a type checker must make of it."""

from typing import assert_never, assert_type

from demo_sdk import (
    AssistantAsk,
    AssistantAskPayload,
    AssistantClient,
    AssistantDone,
    AssistantToken,
    ChanxIncomingPingMessage,
    ChanxOutgoingErrorMessage,
    ChanxOutgoingPongMessage,
    ChanxPresencePresenceChangedMessageChatVisitor,
    ChanxPresencePresenceMessageChatVisitor,
    ChatAnnouncement,
    ChatClient,
    ChatFetchHistory,
    ChatHistory,
    ChatMessagePosted,
    ChatPosted,
    ChatPostMessage,
    ChatPostPayload,
    ChatReceived,
    ChatRefused,
    ChatRemoved,
    ChatSetTyping,
    ChatTypingPayload,
    ChatUserTyping,
    Credentials,
    NotificationsClient,
    Options,
    RequestFailed,
    Retry,
    StateChange,
    Subscription,
)


async def provider(*, refresh: bool) -> str | Credentials | None:
    return "fresh" if refresh else Credentials(query={"ticket": "x"})


def tell(message: ChatReceived) -> str:
    match message:
        case ChatMessagePosted() | ChatAnnouncement() | ChatPosted():
            return message.payload.text
        case ChatUserTyping():
            return message.payload.user
        case ChatRemoved(payload=payload):
            return str(payload.id)
        case ChanxPresencePresenceMessageChatVisitor(payload=present):
            return ", ".join(member.info.user for member in present.members or [])
        case ChanxPresencePresenceChangedMessageChatVisitor(payload=change):
            return str(change.count)
        case ChatHistory() | ChatRefused() | ChanxOutgoingErrorMessage() | ChanxOutgoingPongMessage():
            return ""
        case _:
            assert_never(message)


async def handle(message: ChatRemoved) -> None:
    print(message.payload.id)


async def chat() -> None:
    options = Options(retry=Retry(min=1, attempts=5), queue=10)
    async with ChatClient("wss://host", pk=7, auth=provider, options=options) as client:
        await client.send(ChatSetTyping(payload=ChatTypingPayload(typing=True)))
        posted = await client.request(ChatPostMessage(payload=ChatPostPayload(text="Hello")), timeout=5)
        assert_type(posted, ChatPosted | ChatRefused)
        history = await client.request(ChatFetchHistory())
        assert_type(history, ChatHistory)
        assert_type(await client.request(ChanxIncomingPingMessage()), ChanxOutgoingPongMessage)
        async for message in client:
            assert_type(message, ChatReceived)
            print(tell(message))
        stream = client.stream(ChatRemoved, ChatUserTyping)
        assert_type(stream, Subscription[ChatRemoved | ChatUserTyping])
        off = client.on(ChatRemoved, handle)
        off()
        async for change in client.watch():
            assert_type(change, StateChange)
        try:
            await client.request(ChatFetchHistory())
        except ChatClient.RequestFailed as failed:
            assert_type(failed.error, ChanxOutgoingErrorMessage)
        except RequestFailed as failed:
            print(failed.error)


async def ask() -> None:
    async with AssistantClient() as client:
        question = AssistantAsk(payload=AssistantAskPayload(question="?"))
        async for piece in client.replies(question, timeout=None):
            assert_type(piece, AssistantToken | AssistantDone)


async def mistakes() -> None:
    # Each line is wrong: strict checkers complain where a comment says that they may not.
    ChatClient("wss://host")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client = ChatClient("wss://host", pk="7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    question = AssistantAsk(payload=AssistantAskPayload(question="?"))
    await client.send(question)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.request(question)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    AssistantAskPayload(question=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AssistantAskPayload()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NotificationsClient(auth=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
