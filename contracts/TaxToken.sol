// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DevToken} from "./DevToken.sol";

/// Takes `sellTaxBps` of what is sold to `pair` for its owner, who can raise it at any time, up to everything.
contract TaxToken is DevToken {
    address public pair;
    uint256 public sellTaxBps;

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply)
        DevToken(name_, symbol_, decimals_, supply)
    {}

    function setPair(address pair_) external onlyOwner {
        pair = pair_;
    }

    function setSellTax(uint256 bps) external onlyOwner {
        require(bps <= 10_000, "TAX");
        sellTaxBps = bps;
    }

    function _move(address from, address to, uint256 value) internal override {
        uint256 tax = to == pair && from != owner ? value * sellTaxBps / 10_000 : 0;
        if (tax > 0) super._move(from, owner, tax);
        super._move(from, to, value - tax);
    }
}
