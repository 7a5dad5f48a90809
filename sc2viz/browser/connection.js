// A websocket of a room of a class, which is opened again where it is lost, as by a phone that has slept.

const QUIET = 75000; // ms without a word after which a connection counts as lost; the server says one each minute
const [SOON, LATE] = [400, 6000]; // ms until a lost connection is tried again

// The address of the websocket of a room, beside the page at `path` of the app.
export const ofRoom = (code, path) => {
  const { protocol, host } = window.location;
  return `${protocol.replace("http", "ws")}//${host}${path}?room=${encodeURIComponent(code)}`;
};

// Says `hello` whenever it is opened. Calls `hear` with what the server says, and `lost` where it is lost.
export class Connection {
  constructor(address, hello, hear, lost) {
    Object.assign(this, { address, hello, hear, lost, tries: 0 });
    this.given = new AbortController();
    for (const event of ["visibilitychange", "pageshow", "online"])
      addEventListener(event, () => this.wake(), { signal: this.given.signal });
    this.open();
  }

  open() {
    clearTimeout(this.later);
    this.socket?.close();
    const socket = new WebSocket(this.address);
    Object.assign(this, { socket, last: Date.now() });
    socket.onopen = () => socket.send(JSON.stringify(this.hello));
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      Object.assign(this, { last: Date.now(), tries: 0 });
      this.hear(JSON.parse(data));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.lost();
      const wait = Math.min(SOON * 2 ** this.tries++, LATE);
      this.later = setTimeout(() => this.open(), wait * (0.5 + Math.random()));
    };
  }

  wake() {
    if (document.hidden) return;
    if (this.socket.readyState > WebSocket.OPEN || Date.now() - this.last > QUIET) this.open();
  }

  // Sends bytes, or an object as JSON. What cannot be sent must be sent again once the connection is back.
  send(message) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  end() {
    this.given.abort();
    clearTimeout(this.later);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }
}
