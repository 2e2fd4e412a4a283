// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DevToken} from "./DevToken.sol";

/// Can be bought by all and sold by its owner alone: once `pair` is set, nobody else's transfer reaches it.
contract HoneypotToken is DevToken {
    address public pair;

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply)
        DevToken(name_, symbol_, decimals_, supply)
    {}

    function setPair(address pair_) external onlyOwner {
        pair = pair_;
    }

    function _move(address from, address to, uint256 value) internal override {
        require(to != pair || from == owner, "TRANSFER_FAILED");
        super._move(from, to, value);
    }
}
