//! Addresses of the internet: their octets and numbers, every one of which is an address.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::{
    Crossing,
    forms::{IpForm, Ipv4Form, Ipv6Form, SocketForm, SocketV4Form, SocketV6Form},
};
use crate::abi::{RResult, Tuple2, Tuple4};

type V4 = Tuple2<[u8; 4], u16>;
type V6 = Tuple4<[u8; 16], u16, u32, u32>;

fn give_v4(address: SocketAddrV4) -> V4 {
    Tuple2(address.ip().octets(), address.port())
}

fn take_v4(Tuple2(octets, port): V4) -> SocketAddrV4 {
    SocketAddrV4::new(octets.into(), port)
}

fn give_v6(address: SocketAddrV6) -> V6 {
    Tuple4(address.ip().octets(), address.port(), address.flowinfo(), address.scope_id())
}

fn take_v6(Tuple4(octets, port, flow, scope): V6) -> SocketAddrV6 {
    SocketAddrV6::new(octets.into(), port, flow, scope)
}

macro_rules! addresses {
    ($($address:ident = $form:ident, $give:expr, $take:expr;)+) => {$(
        // SAFETY: numbers, each of which is part of an address.
        unsafe impl Crossing for $address {
            type Abi = $form;

            fn into_abi(self) -> Self::Abi {
                $form($give(self))
            }

            unsafe fn from_abi(abi: Self::Abi) -> Self {
                $take(abi.0)
            }
        }
    )+};
}

addresses! {
    Ipv4Addr = Ipv4Form, |address: Self| address.octets(), Self::from;
    Ipv6Addr = Ipv6Form, |address: Self| address.octets(), Self::from;
    SocketAddrV4 = SocketV4Form, give_v4, take_v4;
    SocketAddrV6 = SocketV6Form, give_v6, take_v6;
    IpAddr = IpForm,
        |address| match address {
            Self::V4(address) => RResult::ROk(address.octets()),
            Self::V6(address) => RResult::RErr(address.octets()),
        },
        |form: RResult<[u8; 4], [u8; 16]>| match form {
            RResult::ROk(octets) => Self::V4(octets.into()),
            RResult::RErr(octets) => Self::V6(octets.into()),
        };
    SocketAddr = SocketForm,
        |address| match address {
            Self::V4(address) => RResult::ROk(give_v4(address)),
            Self::V6(address) => RResult::RErr(give_v6(address)),
        },
        |form| match form {
            RResult::ROk(form) => Self::V4(take_v4(form)),
            RResult::RErr(form) => Self::V6(take_v6(form)),
        };
}
