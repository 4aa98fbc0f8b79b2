// A client that echoes, on gorilla/websocket (Go). Drives itself by Autobahn's URLs.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/gorilla/websocket"
)

var dialer = websocket.Dialer{EnableCompression: true}

func talk(path string, onMessage func(*websocket.Conn, int, []byte) error) {
	socket, _, err := dialer.Dial(os.Args[1]+path, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, message, err := socket.ReadMessage()
		if err != nil || onMessage(socket, kind, message) != nil {
			return
		}
	}
}

func main() {
	agent, count := os.Args[2], 0
	talk("/getCaseCount", func(_ *websocket.Conn, _ int, message []byte) (err error) {
		count, err = strconv.Atoi(string(message))
		return
	})
	for number := 1; number <= count; number++ {
		talk(fmt.Sprintf("/runCase?case=%d&agent=%s", number, agent),
			func(socket *websocket.Conn, kind int, message []byte) error {
				return socket.WriteMessage(kind, message)
			})
	}
	talk("/updateReports?agent="+agent, func(*websocket.Conn, int, []byte) error { return nil })
}
