package loopback

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// diagSocket is struct inet_diag_sockid (linux/inet_diag.h). Ports and addresses are in
// network byte order.
type diagSocket struct {
	LocalPort, RemotePort [2]byte
	Local, Remote         [16]byte
	Interface             uint32
	Cookie                [2]uint32
}

// diagRequest is struct inet_diag_req_v2 after its header.
type diagRequest struct {
	Header                     unix.NlMsghdr
	Family, Protocol, Ext, Pad uint8
	States                     uint32
	Socket                     diagSocket
}

// diagAnswer is struct inet_diag_msg after its header.
type diagAnswer struct {
	Header                         unix.NlMsghdr
	Family, State, Timer, Resent   uint8
	Socket                         diagSocket
	Expires, ReadQueue, WriteQueue uint32
	UID, Inode                     uint32
}

// askKernel returns the row of one TCP socket (sock_diag(7)). That takes microseconds,
// however many sockets there are. If a sandbox refuses it, no socket is found.
func askKernel(local, remote netip.AddrPort) (row socketRow, found bool) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return socketRow{}, false
	}
	defer unix.Close(fd)
	request := diagRequest{
		Header:   unix.NlMsghdr{Type: unix.SOCK_DIAG_BY_FAMILY, Flags: unix.NLM_F_REQUEST},
		Family:   unix.AF_INET6,
		Protocol: unix.IPPROTO_TCP,
		Socket: diagSocket{
			// LOOPBACK_IFINDEX (include/net/flow.h). Without it, a socket that is
			// bound to that interface would not be found.
			Interface: 1,
			Cookie:    [2]uint32{1<<32 - 1, 1<<32 - 1}, // INET_DIAG_NOCOOKIE
		},
	}
	if local.Addr().Is4() {
		request.Family = unix.AF_INET
	}
	request.Header.Len = uint32(binary.Size(request))
	request.Socket.LocalPort, request.Socket.Local = diagEnd(local)
	request.Socket.RemotePort, request.Socket.Remote = diagEnd(remote)
	message, err := binary.Append(nil, binary.NativeEndian, request)
	if err != nil {
		return socketRow{}, false
	}
	if err := unix.Sendto(fd, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return socketRow{}, false
	}
	// The kernel has answered before Sendto returns.
	buf := make([]byte, 4096)
	n, from, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
	if err != nil {
		return socketRow{}, false
	}
	var answer diagAnswer
	_, err = binary.Decode(buf[:n], binary.NativeEndian, &answer)
	sender, ok := from.(*unix.SockaddrNetlink)
	if err != nil || !ok || sender.Pid != 0 || answer.Header.Type != unix.SOCK_DIAG_BY_FAMILY {
		return socketRow{}, false
	}
	row = socketRow{
		local:  answer.end(answer.Socket.LocalPort, answer.Socket.Local),
		remote: answer.end(answer.Socket.RemotePort, answer.Socket.Remote),
		state:  answer.State, uid: int(answer.UID), inode: uint64(answer.Inode),
	}
	// A listener on the port answers for a socket that is gone.
	return row, row.local == local && row.remote == remote
}

func diagEnd(end netip.AddrPort) (port [2]byte, addr [16]byte) {
	binary.BigEndian.PutUint16(port[:], end.Port())
	copy(addr[:], end.Addr().AsSlice())
	return port, addr
}

// end returns one end of the socket. A socket for both families that is connected over
// IPv4 has mapped addresses.
func (a diagAnswer) end(port [2]byte, addr [16]byte) netip.AddrPort {
	ip := netip.AddrFrom16(addr).Unmap()
	if a.Family == unix.AF_INET {
		ip = netip.AddrFrom4([4]byte(addr[:4]))
	}
	return netip.AddrPortFrom(ip, binary.BigEndian.Uint16(port[:]))
}
