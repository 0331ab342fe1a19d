"""A Bluum webhook endpoint in FastAPI: see README.md."""

import os

import uvicorn
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from inbox import Inbox

MAX_BODY = 1024 * 1024

app = FastAPI()
inbox = Inbox(os.environ.get("DATABASE", "events.db"), os.environ.get("BLUUM_WEBHOOK_SECRET"))


async def read_body(request: Request) -> bytes:
    """FastAPI itself has no limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return bytes(body)


# It declares the request and no model, so that nothing parses the body: the signature covers the raw bytes.
@app.post("/webhooks/bluum")
async def receive(request: Request, after_answer: BackgroundTasks) -> Response:
    body = await read_body(request)
    status = await run_in_threadpool(inbox.receive, request.headers, body)
    after_answer.add_task(inbox.process_pending)
    return Response(status_code=status)


@app.get("/state")
def show_state() -> dict:
    return inbox.state()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
